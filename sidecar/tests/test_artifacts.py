import json
import os
from pathlib import Path

import pytest

from hamlet_sidecar.artifacts import publish_folder, read_manifest, verify_files, write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import atomic_write_json, confine


def write(folder: Path, files: dict) -> Path:
    about = {'contract': 'thing/1', 'dataset': {'digest': 'd' * 64}, 'parameters': {}, 'seeds': [1]}
    return write_artifact(folder, 'thing', 'v1', files, metrics={'loss': 0.5}, **about)


def test_an_artifact_is_whole_and_says_what_it_is_made_of(tmp_path: Path):
    folder = write(tmp_path, {'onnx/model.onnx': b'abc'})
    assert folder == tmp_path / 'thing-v1'
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    assert set(manifest['files']) == {'onnx/model.onnx', 'metrics.json'}
    assert manifest['dataset'] == {'digest': 'd' * 64}
    assert json.loads((folder / 'metrics.json').read_text()) == {'loss': 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ['thing-v1'], 'nothing half-written stays'


def test_what_a_training_left_becomes_an_artifact_named_by_its_contents(tmp_path: Path):
    for name in ('left/unet/config.json', 'left/model.safetensors', 'seen/pictures.raw'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    def publish(**spec) -> str:
        about = {'contract': 'toy/1', 'dataset': tmp_path / 'seen', 'spec': spec, 'metrics': {'loss': 1.5}}
        return publish_folder(tmp_path, 'toy', tmp_path / 'left', **about)

    name = publish(seed=7, steps=3, layers=[1])
    manifest = read_manifest(tmp_path / name)
    verify_files(tmp_path / name, manifest)
    assert (manifest['seeds'], manifest['parameters']) == ([7], {'seed': 7, 'steps': 3})
    assert set(manifest['files']) == {'unet/config.json', 'model.safetensors', 'metrics.json'}
    assert publish() == name
    (tmp_path / 'seen/pictures.raw').write_text('others')
    assert publish() == name
    assert read_manifest(tmp_path / name)['dataset'] != manifest['dataset'], 'it names what it saw'
    (tmp_path / 'left/unet/config.json').write_text('another')
    assert publish() != name


@pytest.mark.parametrize('change', ['content', 'gone', 'link'])
def test_a_file_that_is_not_what_the_manifest_says_is_refused(tmp_path: Path, change: str):
    folder = write(tmp_path, {'weights': b'abc'})
    file = folder / 'weights'
    if change == 'content':
        file.write_bytes(b'abd')
    else:
        file.rename(tmp_path / 'elsewhere')
    if change == 'link':
        os.symlink(tmp_path / 'elsewhere', file)
    with pytest.raises(SidecarError) as refused:
        verify_files(folder, read_manifest(folder))
    assert refused.value.code == 'digest-mismatch'


@pytest.mark.parametrize('name', ['../x', '/x', 'a//b', '.hidden', 'a/../b'])
def test_file_names_stay_in_the_folder(tmp_path: Path, name: str):
    with pytest.raises(SidecarError):
        write(tmp_path, {name: b''})
    assert list(tmp_path.iterdir()) == []


def test_paths_stay_below_the_root(tmp_path: Path):
    root = tmp_path / 'root'
    (root / 'inside').mkdir(parents=True)
    os.symlink(tmp_path, root / 'out')
    os.symlink(root / 'inside', root / 'round')
    assert confine(root, 'inside/file') == root.resolve() / 'inside/file'
    assert confine(root, 'round/file') == root.resolve() / 'inside/file'
    for path in ('..', '../root2', '/etc/passwd', 'inside/../../x', 'out/x', 'a\0b'):
        with pytest.raises(SidecarError) as refused:
            confine(root, path)
        assert refused.value.code == 'path-outside'


def test_json_that_cannot_be_written_leaves_the_old_file(tmp_path: Path):
    atomic_write_json(tmp_path / 'state.json', {'step': 1})
    with pytest.raises(ValueError):
        atomic_write_json(tmp_path / 'state.json', {'loss': float('nan')})
    assert json.loads((tmp_path / 'state.json').read_text()) == {'step': 1}
