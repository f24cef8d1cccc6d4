"""The folder that transformers (safetensors) and @huggingface/transformers (ONNX) both load."""

import warnings
from pathlib import Path

import torch
from transformers import CLIPModel, CLIPTokenizer

from hamlet_sidecar.clip.model import IMAGE_SIZE, build_processor
from hamlet_sidecar.onnx_file import save_onnx

OPSET = 18


class _Vision(torch.nn.Module):
    def __init__(self, clip: CLIPModel):
        super().__init__()
        self.encoder, self.projection = clip.vision_model, clip.visual_projection

    def forward(self, pixel_values):
        return self.projection(self.encoder(pixel_values=pixel_values).pooler_output)


class _Text(torch.nn.Module):
    def __init__(self, clip: CLIPModel):
        super().__init__()
        self.encoder, self.projection = clip.text_model, clip.text_projection

    def forward(self, input_ids):
        return self.projection(self.encoder(input_ids=input_ids).pooler_output)


def export_clip(clip: CLIPModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """float32 throughout, so that the api and Python give the same vectors."""
    clip = clip.eval().float()
    # Fused attention has no dynamic ONNX form in the exporter; the plain one is the same sum.
    clip.set_attn_implementation('eager')
    clip.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    build_processor().save_pretrained(folder)
    batch, sequence = torch.export.Dim('batch'), torch.export.Dim('sequence', max=tokenizer.model_max_length)
    pixels = torch.zeros(2, 3, IMAGE_SIZE, IMAGE_SIZE)
    words = tokenizer(['a tree', 'the sea at dusk'], padding=True, return_tensors='pt').input_ids
    onnx = folder / 'onnx'
    onnx.mkdir(exist_ok=True)
    _export(_Vision(clip), pixels, 'pixel_values', {0: batch}, 'image_embeds', onnx / 'vision_model.onnx')
    _export(_Text(clip), words, 'input_ids', {0: batch, 1: sequence}, 'text_embeds', onnx / 'text_model.onnx')


def _export(model, example, name: str, shape: dict, output: str, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            model.eval(),
            (example,),
            input_names=[name],
            output_names=[output],
            dynamic_shapes={name: shape},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    save_onnx(program, path)
