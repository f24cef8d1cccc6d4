"""A base model by its place: a folder, or an id on the hub that lies in this machine's cache."""

from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.bases import open_base

COMMIT = '0123456789abcdef0123456789abcdef01234567'
NAME = 'somebody/tiny-diffusion'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch) -> Path:
    """As huggingface_hub keeps what it has fetched; there is no network."""
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    model = tmp_path / 'models--somebody--tiny-diffusion'
    unet = model / 'snapshots' / COMMIT / 'unet'
    unet.mkdir(parents=True)
    (model / 'refs').mkdir()
    (model / 'refs/main').write_text(COMMIT)
    weights = {'mid_block.attn.to_q.weight': torch.eye(4), 'mid_block.attn.to_q.bias': torch.ones(4)}
    save_file(weights, unet / 'diffusion_pytorch_model.safetensors')
    return model


def test_a_hub_id_is_found_in_the_cache_with_its_layers_and_weights(cache: Path):
    base = open_base(NAME)
    assert base.name == NAME
    assert dict(base.layers) == {'mid_block.attn.to_q': (4, 4)}
    assert torch.equal(base.weight('mid_block.attn.to_q'), torch.eye(4))
    assert base.digest is not None


@pytest.mark.parametrize('place', ['nobody/no-such-model', 'not an id', '../outside', 'nowhere'])
def test_what_is_neither_a_folder_nor_in_the_cache_says_so(cache: Path, place: str):
    with pytest.raises(SidecarError) as caught:
        open_base(place)
    assert caught.value.code == 'base-missing'
    assert place in str(caught.value)
