"""LoRAs as people published them; BENCH_DATA names the folder above `loras`, where it is there."""

import os
import warnings
from pathlib import Path

from hamlet_sidecar.w2w.bases import SD15
from hamlet_sidecar.w2w.read import LoraFile

FOLDER = Path(os.environ.get('BENCH_DATA', '../../shared/data')) / 'loras'
KNOWN = {
    'analog_svd_rank4': ('positional', 144, 48, 4),
    'lora_disney': ('positional', 144, 48, 1),
    'sd_pokemon': ('diffusers', 128, 0, 4),
    'smart_falcon_4_lokr': ('lokr', 278, 72, 4),
    'smart_falcon_8_lokr': ('lokr', 278, 72, 8),
}


def test_every_layer_of_real_files_is_one_of_sd15():
    if not FOLDER.is_dir():
        warnings.warn('the real LoRAs are not there (BENCH_DATA): they are not read here', stacklevel=1)
    for path in sorted(FOLDER.glob('*.safetensors')):
        format, layers, text, rank = KNOWN[path.stem]
        file = LoraFile(path, SD15.layers)
        assert (file.format, len(file.layers()), len(file.layers('text_encoder'))) == (format, layers, text)
        assert {file.rank(layer) for layer in file.layers()} == {rank}
        some = file.layers()[:: max(1, layers // 8)]
        assert all(0 < file.delta(layer).weight().norm() < 100 for layer in some)
