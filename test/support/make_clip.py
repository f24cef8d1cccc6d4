"""A CLIP folder of random numbers in the shape of ViT-B/32, exported as Hamlet's own models are.

python make_clip.py FOLDER WIDTH LAYERS   (768 12 is the real size)
"""

import json
import sys
import warnings
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

warnings.simplefilter('ignore')
folder, width, layers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(1)
text = {'hidden_size': width // 3 * 2, 'num_hidden_layers': layers, 'num_attention_heads': width // 96}
vision = {'hidden_size': width, 'num_hidden_layers': layers, 'num_attention_heads': width // 64}
config = CLIPConfig(
    text_config={**text, 'intermediate_size': width * 8 // 3, 'bos_token_id': 49406, 'eos_token_id': 49407},
    vision_config={**vision, 'intermediate_size': width * 4, 'image_size': 224, 'patch_size': 32},
    projection_dim=512,
)
clip = CLIPModel(config).eval()
clip.set_attn_implementation('eager')
clip.save_pretrained(folder)
CLIPImageProcessor().save_pretrained(folder)


class Vision(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model, self.projection = clip.vision_model, clip.visual_projection

    def forward(self, pixel_values):
        return self.projection(self.model(pixel_values=pixel_values).pooler_output)


class Text(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model, self.projection = clip.text_model, clip.text_projection

    def forward(self, input_ids):
        return self.projection(self.model(input_ids=input_ids).pooler_output)


(folder / 'onnx').mkdir()
batch, sequence = torch.export.Dim('batch'), torch.export.Dim('sequence', max=77)
for model, example, name, shape, output, file in (
    (Vision(), torch.zeros(2, 3, 224, 224), 'pixel_values', {0: batch}, 'image_embeds', 'vision_model.onnx'),
    (Text(), torch.ones(2, 5, dtype=torch.int64), 'input_ids', {0: batch, 1: sequence}, 'text_embeds', 'text_model.onnx'),
):
    program = torch.onnx.export(
        model.eval(), (example,), input_names=[name], output_names=[output], dynamic_shapes={name: shape},
        opset_version=18, dynamo=True, external_data=False, verbose=False,
    )  # fmt: skip
    program.save(folder / 'onnx' / file, external_data=False)

# Tokens of CLIP's own numbers for begin and end, and a few words between.
words = ['a</w>', 'red</w>', 'castle</w>', 'at</w>', 'dusk</w>']
vocabulary = {word: index for index, word in enumerate(words)} | {'<|startoftext|>': 49406, '<|endoftext|>': 49407}
special = [
    {'id': vocabulary[token], 'content': token, 'single_word': False, 'lstrip': False, 'rstrip': False,
     'normalized': False, 'special': True}
    for token in ('<|startoftext|>', '<|endoftext|>')
]  # fmt: skip
around = {'sep': ['<|endoftext|>', 49407], 'cls': ['<|startoftext|>', 49406]}
(folder / 'tokenizer.json').write_text(
    json.dumps(
        {
            'version': '1.0', 'added_tokens': special, 'normalizer': {'type': 'Lowercase'},
            'pre_tokenizer': {'type': 'Whitespace'}, 'decoder': None,
            'post_processor': {'type': 'RobertaProcessing', 'trim_offsets': False, 'add_prefix_space': False, **around},
            'model': {
                'type': 'BPE', 'vocab': vocabulary, 'merges': [], 'unk_token': '<|endoftext|>',
                'end_of_word_suffix': '</w>', 'continuing_subword_prefix': '', 'fuse_unk': False,
            },
        }
    )
)  # fmt: skip
(folder / 'tokenizer_config.json').write_text(
    json.dumps({'tokenizer_class': 'CLIPTokenizer', 'pad_token': '<|endoftext|>', 'model_max_length': 77})
)
