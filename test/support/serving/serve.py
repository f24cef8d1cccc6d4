"""`transformers serve` over a LLaVA of random numbers: a real server's wire, and nothing sensible on it.

python serve.py FOLDER PORT
"""

import sys
import warnings
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

SPECIAL = ['<pad>', '<s>', '</s>', '<image>']
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: "
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    '{% endfor %}{% endif %}\n{% endfor %}assistant: '
)
SMALL = {'hidden_size': 32, 'intermediate_size': 64, 'num_hidden_layers': 2, 'num_attention_heads': 2}


def letters() -> PreTrainedTokenizerFast:
    alphabet = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    words = Tokenizer(models.BPE(vocab={word: n for n, word in enumerate(alphabet)}, merges=[]))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token='<pad>',
        bos_token='<s>',
        eos_token='</s>',
        additional_special_tokens=['<image>'],
    )


def make(folder: Path) -> None:
    torch.manual_seed(1)
    tokenizer = letters()
    processor = LlavaProcessor(
        CLIPImageProcessor(size={'shortest_edge': 32}, crop_size={'height': 32, 'width': 32}),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy='default',
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    model = LlavaForConditionalGeneration(
        LlavaConfig(
            vision_config=CLIPVisionConfig(**SMALL, image_size=32, patch_size=8),
            text_config=LlamaConfig(
                **SMALL,
                num_key_value_heads=2,
                vocab_size=len(tokenizer),
                max_position_embeddings=32768,
                **{'pad_token_id': 0, 'bos_token_id': 1, 'eos_token_id': 2},
            ),
            image_token_index=SPECIAL.index('<image>'),
            vision_feature_layer=-1,
        )
    )
    # One letter in four ends the answer: nothing is gained by waiting for more of them.
    model.generation_config.eos_token_id = [2, *range(len(SPECIAL), len(tokenizer), 4)]
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    torch.set_num_threads(1)
    make(Path(sys.argv[1]))
    from transformers.cli.transformers import main

    served = ['--host', '127.0.0.1', '--port', sys.argv[2], '--device', 'cpu', '--dtype', 'float32']
    sys.argv = ['transformers', 'serve', sys.argv[1], *served]
    main()
