"""A byte-pair vocabulary of the world's own words; every other text still has tokens, of single bytes."""

import json

from transformers import CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

from hamlet_sidecar.pictures import Pictures

# A prompt has about 35 words; praise and LoRA tags come last and may be cut.
CONTEXT = 64
VOCABULARY = 1500
END_OF_WORD = '</w>'
START, END = '<|startoftext|>', '<|endoftext|>'


def tokenizer_for(pictures: Pictures, context: int = CONTEXT) -> CLIPTokenizer:
    """Of the prompts, the tags and the grammar; the same for the same training set."""
    tables = pictures.grammar.values()
    words = [f'{word.replace("-", " ")} {" ".join(says)}' for table in tables for word, says in table.items()]
    texts = [f'{record["prompt"]} {" ".join(record["tags"])}' for record in pictures.records]
    return train_tokenizer([*texts, *words], context)


def train_tokenizer(texts: list[str], context: int, size: int = VOCABULARY) -> CLIPTokenizer:
    """At most `size` tokens, in the order of OpenAI's CLIP: bytes, bytes that end words, merges, start, end."""
    from tokenizers.trainers import BpeTrainer

    symbols = list(bytes_to_unicode().values())
    base = symbols + [s + END_OF_WORD for s in symbols]
    learner = CLIPTokenizer().backend_tokenizer
    trainer = BpeTrainer(
        vocab_size=size - 2,
        initial_alphabet=symbols,
        end_of_word_suffix=END_OF_WORD,
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    learned = json.loads(learner.to_str())['model']['merges']
    merges = [tuple(merge) for merge in learned][: size - 2 - len(base)]
    tokens = [*base, *(''.join(merge) for merge in merges), START, END]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=context)
