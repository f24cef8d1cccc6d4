"""Files that are no LoRA, or none for this base model, are refused by name; nothing half-written is ever seen."""

import errno
import json
import pickle
import resource
import struct
from pathlib import Path

import pytest
import torch
from planted_loras import ATTENTION, CONVOLUTION, LAYERS, factors, random
from safetensors.torch import save_file

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w import write
from hamlet_sidecar.w2w.delta import Delta, Lora
from hamlet_sidecar.w2w.inspect import inspect_lora
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.write import write_lora


def refused(path: Path) -> str:
    with pytest.raises(SidecarError) as caught:
        read_lora(path, LAYERS)
    assert str(caught.value).strip()
    return caught.value.code


def pair(layer: str, up, down) -> dict:
    return {f'unet.{layer}.lora_B.weight': up, f'unet.{layer}.lora_A.weight': down}


def saved(folder: Path, tensors: dict, name: str = 'lora.safetensors', metadata=None) -> Path:
    save_file(tensors, folder / name, metadata)
    return folder / name


def raw(folder: Path, header: dict, data: bytes = b'') -> Path:
    text = json.dumps(header).encode()
    (folder / 'raw.safetensors').write_bytes(struct.pack('<Q', len(text)) + text + data)
    return folder / 'raw.safetensors'


def lora(scale: float = 1.0) -> Lora:
    up, down = factors(ATTENTION)
    return Lora({ATTENTION: Delta(up * scale, down, LAYERS[ATTENTION])})


def test_pickles_whatever_they_are_called(tmp_path: Path):
    torch.save({'x': torch.ones(2)}, tmp_path / 'a.safetensors')
    (tmp_path / 'b.safetensors').write_bytes(pickle.dumps({'x': 1}))
    saved(tmp_path, pair(ATTENTION, *factors(ATTENTION)), 'c.pt')
    assert [refused(tmp_path / name) for name in ('a.safetensors', 'b.safetensors', 'c.pt')] == [
        'lora-pickle'
    ] * 3


def test_a_file_that_ends_anywhere_too_early(tmp_path: Path):
    whole = saved(tmp_path, pair(ATTENTION, *factors(ATTENTION))).read_bytes()
    for length in (0, 3, 8, 40, len(whole) // 2, len(whole) - 1):
        (tmp_path / 'cut.safetensors').write_bytes(whole[:length])
        assert refused(tmp_path / 'cut.safetensors') == 'lora-truncated', length


@pytest.mark.parametrize('seed', range(40))
def test_a_byte_that_flipped_in_the_header_is_an_error_with_a_name_or_changes_nothing(
    tmp_path: Path, seed: int
):
    data = bytearray(saved(tmp_path, pair(ATTENTION, *factors(ATTENTION))).read_bytes())
    length = struct.unpack('<Q', data[:8])[0]
    draw = torch.Generator().manual_seed(seed)
    at = int(torch.randint(0, 8 + length, (), generator=draw))
    data[at] ^= 1 << int(torch.randint(0, 8, (), generator=draw))
    (tmp_path / 'flipped.safetensors').write_bytes(data)
    try:
        read_lora(tmp_path / 'flipped.safetensors', LAYERS)
    except SidecarError as error:
        assert error.code.startswith('lora-')


def test_a_file_that_is_not_there_or_has_nothing_of_a_lora(tmp_path: Path):
    assert refused(tmp_path / 'none.safetensors') == 'lora-missing'
    assert refused(saved(tmp_path, {'<s1>': torch.ones(4)})) == 'lora-empty'
    assert refused(saved(tmp_path, {'model.weight': torch.ones(4, 4)})) == 'lora-key-unknown'
    text = {
        f'lora_te_text_model_encoder_layers_0_mlp_fc1.lora_{way}.weight': torch.ones(4, 4)
        for way in ('up', 'down')
    }
    assert refused(saved(tmp_path, text)) == 'lora-empty'


def test_another_base_model_by_shapes_and_by_names(tmp_path: Path):
    assert refused(saved(tmp_path, pair(ATTENTION, random(32, 4), random(4, 32)))) == 'lora-base-mismatch'
    elsewhere = pair('input_blocks.4.1.transformer_blocks.0.attn1.to_q', random(4, 1), random(1, 4))
    assert refused(saved(tmp_path, elsewhere)) == 'lora-base-mismatch'


def test_a_layer_that_does_not_exist(tmp_path: Path):
    tensors = pair(ATTENTION, *factors(ATTENTION)) | pair(f'{ATTENTION}.ghost', random(4, 1), random(1, 4))
    assert refused(saved(tmp_path, tensors)) == 'lora-layer-unknown'
    ghost = {f'lora_te_text_model_ghost.lora_{way}.weight': torch.ones(4, 4) for way in ('up', 'down')}
    assert refused(saved(tmp_path, pair(ATTENTION, *factors(ATTENTION)) | ghost)) == 'lora-layer-unknown'


def test_pieces_that_do_not_fit_each_other(tmp_path: Path):
    up, down = factors(ATTENTION)
    assert refused(saved(tmp_path, pair(ATTENTION, up[:, :2].contiguous(), down))) == 'lora-invalid'
    assert refused(saved(tmp_path, {f'unet.{ATTENTION}.lora_B.weight': up})) == 'lora-invalid'
    twice = pair(ATTENTION, up, down) | {f'unet.{ATTENTION}.lora.up.weight': up.clone()}
    assert refused(saved(tmp_path, twice)) == 'lora-invalid'


@pytest.mark.parametrize('number', [float('nan'), float('inf')])
def test_numbers_that_are_none(tmp_path: Path, number: float):
    up, down = factors(ATTENTION)
    up[0, 0] = number
    assert refused(saved(tmp_path, pair(ATTENTION, up, down))) == 'lora-not-finite'
    alpha = {f'unet.{ATTENTION}.alpha': torch.tensor(number)}
    up[0, 0] = 0
    assert refused(saved(tmp_path, pair(ATTENTION, up, down) | alpha)) == 'lora-not-finite'


def test_shapes_and_ranks_beyond_sense_take_no_memory(tmp_path: Path):
    """A LoKr of 2 MB that would unfold to 10¹² weights, and headers that promise what is not there."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    layer = f'lora_unet_{ATTENTION.replace(".", "_")}'
    side = torch.ones(1000, 1000, dtype=torch.float16)
    kron = {f'{layer}.lokr_w1': side, f'{layer}.lokr_w2': side.clone()}
    assert refused(saved(tmp_path, kron)) == 'lora-shape-absurd'
    rank = {
        f'{layer}.lora_up.weight': torch.ones(24, 2000),
        f'{layer}.lora_down.weight': torch.ones(2000, 16),
    }
    assert refused(saved(tmp_path, rank)) == 'lora-shape-absurd'
    told = {'dtype': 'F32', 'data_offsets': [0, 4]}
    assert (
        refused(raw(tmp_path, {'a': {**told, 'shape': [1 << 40, 1 << 40]}}, bytes(4))) == 'lora-shape-absurd'
    )
    assert refused(raw(tmp_path, {'a': {**told, 'shape': [0, 4]}}, bytes(4))) == 'lora-shape-absurd'
    assert refused(raw(tmp_path, {'a': {**told, 'shape': [1 << 10]}}, bytes(4))) == 'lora-invalid'
    promised = {'dtype': 'F32', 'shape': [1 << 10, 1 << 10], 'data_offsets': [0, 1 << 22]}
    assert refused(raw(tmp_path, {'a': promised}, bytes(4))) == 'lora-truncated'
    (tmp_path / 'long.safetensors').write_bytes(struct.pack('<Q', 1 << 60) + b'{}')
    assert refused(tmp_path / 'long.safetensors') == 'lora-invalid'
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, 'kilobytes'


@pytest.mark.parametrize(
    'header',
    [
        {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 8]}},
        {'a': {'dtype': 'F8_E4M3', 'shape': [4], 'data_offsets': [0, 4]}},
        {'a': {'dtype': 'F32', 'shape': [True], 'data_offsets': [0, 4]}},
        {'a': {'dtype': 'F32', 'shape': [-1], 'data_offsets': [0, 4]}},
        {'a': {'dtype': ['F32'], 'shape': [1], 'data_offsets': [0, 4]}},
        {'a': 'x'},
        {'__metadata__': {'rank': 4}},
        [],
    ],
)
def test_headers_that_lie(tmp_path: Path, header):
    assert refused(raw(tmp_path, header, bytes(4))) == 'lora-invalid'


def test_a_config_that_would_be_run_as_a_pattern_or_is_no_number(tmp_path: Path):
    tensors = pair(ATTENTION, *factors(ATTENTION))
    for config in (
        {'unet.alpha_pattern': {'(a+)+b': 2}},
        {'unet.lora_alpha': 'much'},
        {'unet.lora_alpha': 1e999},
    ):
        path = saved(tmp_path, tensors, metadata={'lora_adapter_metadata': json.dumps(config)})
        assert refused(path) == 'lora-invalid'
    assert (
        refused(saved(tmp_path, tensors, metadata={'lora_adapter_metadata': '[' * 100_000})) == 'lora-invalid'
    )


def test_a_dora_without_its_base_says_what_it_needs(tmp_path: Path):
    dora = pair(ATTENTION, *factors(ATTENTION)) | {f'unet.{ATTENTION}.lora_magnitude_vector': torch.ones(24)}
    assert refused(saved(tmp_path, dora)) == 'lora-needs-base'


def test_an_inspection_says_of_no_base_model_known_here_that_it_fits_none(tmp_path: Path):
    with pytest.raises(SidecarError) as caught:
        inspect_lora(
            saved(
                tmp_path,
                pair(
                    'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k',
                    random(7, 1),
                    random(1, 2048),
                ),
            )
        )
    assert caught.value.code == 'lora-base-mismatch' and 'sdxl' in str(caught.value)


@pytest.mark.parametrize(
    ('made', 'code'),
    [(lora(float('nan')), 'lora-not-finite'), (Lora({}), 'lora-empty')],
)
def test_what_cannot_be_written_leaves_the_old_file_as_it_was(tmp_path: Path, made: Lora, code: str):
    path = write_lora(tmp_path / 'lora.safetensors', lora())
    before = path.read_bytes()
    with pytest.raises(SidecarError) as caught:
        write_lora(path, made)
    assert caught.value.code == code
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_number_too_large_for_halves_is_not_written_as_infinity(tmp_path: Path):
    with pytest.raises(SidecarError) as caught:
        write_lora(tmp_path / 'lora.safetensors', lora(1e6), dtype=torch.float16)
    assert caught.value.code == 'lora-not-finite'
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(('number', 'code'), [(errno.ENOSPC, 'disk-full'), (errno.EACCES, 'write-failed')])
def test_a_full_disk_has_a_name_and_leaves_nothing(tmp_path: Path, monkeypatch, number: int, code: str):
    def half(path: Path, data: bytes) -> None:
        path.write_bytes(data[: len(data) // 2])
        raise OSError(number, 'planted')

    monkeypatch.setattr(write, 'atomic_write_bytes', half)
    with pytest.raises(SidecarError) as caught:
        write_lora(tmp_path / 'lora.safetensors', lora())
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_what_reads_back_otherwise_is_never_put_in_place(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(write, '_factors', lambda delta: (delta.up, delta.down * 1.001))
    with pytest.raises(SidecarError) as caught:
        write_lora(tmp_path / 'lora.safetensors', lora())
    assert caught.value.code == 'write-failed'
    assert list(tmp_path.iterdir()) == []


def test_a_convolution_keeps_its_shape_through_both_spellings(tmp_path: Path):
    up, down = factors(CONVOLUTION)
    made = Lora({CONVOLUTION: Delta(up.flatten(1), down.flatten(1), LAYERS[CONVOLUTION])})
    for format in write.FORMATS:
        path = write_lora(tmp_path / f'{format}.safetensors', made, format)
        assert read_lora(path, LAYERS).deltas[CONVOLUTION].shape == LAYERS[CONVOLUTION]
        assert read_lora(path).deltas[CONVOLUTION].shape == LAYERS[CONVOLUTION]
