"""The job against the network itself, on a CLIP folder of a few thousand numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.clip.embed_job import keep, run
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext

SIZE, LENGTH = 16, 8
MEAN, STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]


@pytest.fixture(scope='module')
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('artifacts')
    torch.manual_seed(1)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        image_size=SIZE, patch_size=8, projection_dim=LENGTH,
    )  # fmt: skip
    CLIPVisionModelWithProjection(config).save_pretrained(root / 'clip-tiny')
    return root


def offer(root: Path, pixels: np.ndarray, version: str = 'a' * 32, **change: float | str) -> dict[str, str]:
    named = {f'{name}{c}': v for name, values in (('mean', MEAN), ('std', STD)) for c, v in enumerate(values)}
    write_artifact(
        root, 'pixels', version, {'pixels.safetensors': save({'pixels': pixels})},
        contract='hamlet-pixels/1', dataset={}, parameters={'encoder': 'clip/8@1', **named, **change},
        metrics={}, seeds=[],
    )  # fmt: skip
    return {'pixels': f'pixels-{version}', 'model': 'clip-tiny'}


def context(root: Path, name: str = 'job', told: list | None = None) -> JobContext:
    checkpoint = root / 'checkpoints' / name
    checkpoint.mkdir(parents=True, exist_ok=True)
    return JobContext(name, 1, root, checkpoint, (told if told is not None else []).append, lambda: False)


def some(count: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def expected(root: Path, pixels: np.ndarray) -> np.ndarray:
    model = CLIPVisionModelWithProjection.from_pretrained(root / 'clip-tiny').eval()
    planes = torch.from_numpy((pixels / 255.0 - np.array(MEAN)) / np.array(STD)).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        vectors = model(pixel_values=planes).image_embeds
    return torch.nn.functional.normalize(vectors).numpy()


def test_vectors_are_those_of_the_network_in_the_order_of_the_pictures(root: Path):
    pixels, told = some(150), []
    result = run(offer(root, pixels), context(root, told=told))
    assert result == {'artifact': f'embeddings-{"a" * 32}', 'images': 150, 'length': LENGTH}
    vectors = load_file(root / result['artifact'] / 'vectors.safetensors')['vectors']
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected(root, pixels), atol=1e-5)
    assert told[-1]['progress'] == 1 and told[-1]['metrics']['images'] == 150
    manifest = json.loads((root / result['artifact'] / 'manifest.json').read_text())
    assert manifest['parameters'] == {'encoder': 'clip/8@1'}


def test_an_attempt_goes_on_where_the_one_before_was_killed(root: Path):
    pixels = some(130)
    job = context(root, 'again')
    marked = np.zeros((64, LENGTH), dtype=np.float32)
    keep(job.checkpoint / 'vectors.npy', marked)
    result = run(offer(root, pixels, 'b' * 32), job)
    vectors = load_file(root / result['artifact'] / 'vectors.safetensors')['vectors']
    np.testing.assert_array_equal(vectors[:64], marked)
    np.testing.assert_allclose(vectors[64:], expected(root, pixels)[64:], atol=1e-5)
    (job.checkpoint / 'vectors.npy').write_bytes(b'cut off')
    run(offer(root, pixels, 'b' * 32), job)
    vectors = load_file(root / result['artifact'] / 'vectors.safetensors')['vectors']
    np.testing.assert_allclose(vectors, expected(root, pixels), atol=1e-5)


def test_a_damaged_or_senseless_snapshot_is_refused_by_name(root: Path):
    def refusal(spec: dict) -> str:
        with pytest.raises(SidecarError) as caught:
            run(spec, context(root, 'refused'))
        return caught.value.code

    spec = offer(root, some(3), 'c' * 32)
    file = root / spec['pixels'] / 'pixels.safetensors'
    file.write_bytes(file.read_bytes()[:-1] + b'x')
    assert refusal(spec) == 'digest-mismatch'
    assert refusal({**spec, 'pixels': 'pixels-none'}) == 'artifact-invalid'
    assert refusal({**spec, 'pixels': '../elsewhere'}) == 'path-outside'
    assert refusal(offer(root, some(3).astype(np.float32), 'd' * 32)) == 'artifact-invalid'
    assert refusal(offer(root, some(3)[:, :8], 'd' * 32)) == 'artifact-invalid'
    assert refusal(offer(root, some(3), 'd' * 32, std1=0)) == 'artifact-invalid'
    assert refusal(offer(root, some(3), 'd' * 32, mean0='much')) == 'artifact-invalid'
    assert refusal({**offer(root, some(3), 'd' * 32), 'model': 'pixels-' + 'd' * 32}) == 'clip-model-missing'


def test_a_model_that_is_only_a_pickle_is_not_read(root: Path):
    folder = root / 'clip-pickle'
    folder.mkdir()
    (folder / 'config.json').write_text('{}')
    (folder / 'pytorch_model.bin').write_bytes(b'\x80\x02.')
    with pytest.raises(SidecarError) as caught:
        run({**offer(root, some(2), 'e' * 32), 'model': 'clip-pickle'}, context(root, 'pickle'))
    assert caught.value.code == 'clip-model-missing'
