"""The picture half of a CLIP folder, on the GPU where there is one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hamlet_sidecar.device import device
from hamlet_sidecar.errors import SidecarError

Encode = Callable[[np.ndarray], np.ndarray]


def open_vision(folder: Path) -> Encode:
    """From planes [n, 3, size, size] to vectors [n, length], both float32.

    PyTorch from safetensors; a folder that has only ONNX runs on the processor. Pickles are not read.
    """
    if not (folder / 'config.json').is_file():
        raise SidecarError('clip-model-missing', f'{folder.name} is no CLIP folder')
    if (folder / 'model.safetensors').is_file():
        return _torch(folder)
    if (folder / 'onnx' / 'vision_model.onnx').is_file():
        return _onnx(folder / 'onnx' / 'vision_model.onnx')
    raise SidecarError(
        'clip-model-missing', f'{folder.name} has no safetensors and no ONNX of the picture half'
    )


def _torch(folder: Path) -> Encode:
    import torch
    from transformers import CLIPVisionModelWithProjection

    # In half precision its vectors would leave those of the api.
    torch.backends.cuda.matmul.allow_tf32 = False
    model = CLIPVisionModelWithProjection.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    model = model.to(device().kind).eval()

    @torch.inference_mode()
    def encode(planes: np.ndarray) -> np.ndarray:
        pixels = torch.from_numpy(planes).to(device().kind)
        return model(pixel_values=pixels).image_embeds.float().cpu().numpy()

    return encode


def _onnx(file: Path) -> Encode:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    return lambda planes: session.run(['image_embeds'], {name: planes})[0]
