"""Names of tensors in LoRA files: who spells a layer how, and which piece of its adapter a tensor is."""

import re
from dataclasses import dataclass

# End of a key to the piece, longest first. peft names its adapter ('default') and leaves some `.weight` out.
ENDS = {
    r'\.lora_down\.weight': 'down',
    r'\.lora_up\.weight': 'up',
    r'\.lora_mid\.weight': 'mid',
    r'\.lora_A(?:\.default)?\.weight': 'down',
    r'\.lora_B(?:\.default)?\.weight': 'up',
    r'\.lora(?:_linear_layer)?\.down\.weight': 'down',
    r'\.lora(?:_linear_layer)?\.up\.weight': 'up',
    r'\.processor\.(?P<old>to_(?:q|k|v|out))_lora\.down\.weight': 'down',
    r'\.processor\.(?P<old>to_(?:q|k|v|out))_lora\.up\.weight': 'up',
    r'(?P<text>\.self_attn\.to_(?:q|k|v|out))_lora\.down\.weight': 'down',
    r'(?P<text>\.self_attn\.to_(?:q|k|v|out))_lora\.up\.weight': 'up',
    r'\.lora_magnitude_vector(?:\.default)?(?:\.weight)?': 'magnitude',
    r'\.dora_scale': 'magnitude',
    r'\.(?:network_)?alpha': 'alpha',
    r'\.(?P<piece>hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2))(?:\.default)?': None,
}
PATTERNS = [(re.compile(rf'(?P<layer>.+?){end}'), piece) for end, piece in ENDS.items()]
POSITIONAL = re.compile(r'(?P<part>unet|text_encoder):(?P<index>\d{1,4}):(?P<piece>up|down|alpha)')
# Textual inversion that cloneofsimo/lora keeps beside its weights: no part of the networks.
EMBEDDING = re.compile(r'<[^<>]{1,100}>')
PREFIXES = {
    'lora_unet_': ('unet', 'kohya'),
    'lycoris_': ('unet', 'kohya'),
    'lora_te_': ('text_encoder', 'kohya'),
    'lora_te1_': ('text_encoder', 'kohya'),
    'base_model.model.unet.': ('unet', 'peft'),
    'base_model.model.text_encoder.': ('text_encoder', 'peft'),
    'base_model.model.text_model.': ('text_encoder', 'peft'),
    'base_model.model.': ('unet', 'peft'),
    'text_encoder.': ('text_encoder', 'diffusers'),
    'unet.': ('unet', 'diffusers'),
    '': ('unet', 'bare'),
}
TEXT_LAYER = re.compile(r'text_model\.encoder\.layers\.\d{1,2}\.(self_attn\.(q|k|v|out)_proj|mlp\.fc[12])')
# As transformers has them within its CLIPAttention, which cloneofsimo/lora walked.
TEXT_PARTS = ('k_proj', 'v_proj', 'q_proj', 'out_proj')
# Names whose own underscores must survive when the others become dots; the longest first.
WORDS = (
    *('down_blocks', 'up_blocks', 'mid_block', 'transformer_blocks', 'time_emb_proj', 'time_embedding'),
    *('conv_shortcut', 'conv_in', 'conv_out', 'proj_in', 'proj_out', 'linear_1', 'linear_2'),
    *('to_out', 'to_q', 'to_k', 'to_v', 'text_model', 'self_attn', 'q_proj', 'k_proj', 'v_proj', 'out_proj'),
    'add_embedding',
)
WORD = re.compile('|'.join(WORDS))


@dataclass(frozen=True)
class Key:
    """`part`: unet or text_encoder. `layer`: as the file spells it, or a number where there are only places."""

    part: str
    layer: str
    piece: str
    spelling: str


def parse_key(key: str) -> Key | None:
    """None for what is nothing of a LoRA's."""
    place = POSITIONAL.fullmatch(key)
    if place:
        return Key(place['part'], place['index'], place['piece'], 'positional')
    for pattern, piece in PATTERNS:
        match = pattern.fullmatch(key)
        if match:
            groups = match.groupdict()
            layer = match['layer']
            if groups.get('text'):
                layer += groups['text'].replace('.to_', '.') + '_proj'
            if groups.get('old'):
                layer += f'.{groups["old"]}' + ('.0' if groups['old'] == 'to_out' else '')
            return _placed(layer, piece or groups['piece'], old=bool(groups.get('old')))
    return None


def _placed(layer: str, piece: str, old: bool) -> Key:
    prefix = next(prefix for prefix in PREFIXES if layer.startswith(prefix))
    part, spelling = PREFIXES[prefix]
    name = layer.removeprefix('base_model.model.' if prefix.endswith('text_model.') else prefix)
    if spelling == 'kohya':
        name = dotted(name)
    elif spelling == 'bare':
        spelling = 'diffusers' if old else 'peft'
    return Key(part, name, piece, spelling)


def text_place(index: int) -> str:
    """`text_encoder:5:up` is of the second layer's v_proj."""
    return f'text_model.encoder.layers.{index // 4}.self_attn.{TEXT_PARTS[index % 4]}'


def dotted(name: str) -> str:
    """`down_blocks_0_attentions_1_…_to_out_0` as the module is called: `down_blocks.0.attentions.1.….to_out.0`."""
    kept = WORD.sub(lambda match: match[0].replace('_', '\0'), name)
    return kept.replace('_', '.').replace('\0', '_')


def underscored(name: str) -> str:
    return name.replace('.', '_')
