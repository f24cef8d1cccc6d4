from pathlib import Path

import pytest
from planted_pictures import write_pictures

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.publish import publish
from hamlet_sidecar.pictures import read_pictures


def test_a_training_that_left_a_folder_has_made_an_artifact(tmp_path: Path):
    write_pictures(tmp_path / 'renders')
    (tmp_path / 'clip').mkdir()
    (tmp_path / 'clip/config.json').write_text('{}')
    left = {'folder': 'clip', 'loss': 0.25, 'spec': {'renders': 'renders', 'steps': 5, 'seed': 2}}
    result = publish('train-clip', {'renders': 'renders'}, left, tmp_path)
    folder = tmp_path / result['artifact']
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    assert (manifest['kind'], manifest['contract'], manifest['seeds']) == ('clip', 'clip/1', [2])
    assert manifest['parameters']['steps'] == 5
    assert len(manifest['dataset']['digest']) == 64
    assert publish('count', {}, {'counted': 1}, tmp_path) == {'counted': 1}, 'other jobs are left alone'


def test_pictures_that_are_not_what_their_manifest_says_are_refused(tmp_path: Path):
    folder = write_pictures(tmp_path / 'renders')
    read_pictures(folder)
    pixels = bytearray((folder / 'pixels.u8').read_bytes())
    pixels[100] ^= 1
    (folder / 'pixels.u8').write_bytes(pixels)
    with pytest.raises(SidecarError) as refused:
        read_pictures(folder)
    assert refused.value.code == 'digest-mismatch'
