"""Trains the reader: all-MiniLM-L6-v2, fine-tuned to say whether a passage answers a question, and where.

    python -m scripts.train_reader SQUAD SQUAD2 FOLDER --minutes 85

The learning rate falls to 0 at the deadline, so that the run ends well on a slow machine too. Started again on the same folder it
goes on from its last checkpoint. docs/reader-model.md has the data, the figures and the command of the weights that are shipped.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from index.embedders.model_config import find_model
from scripts.reader_pairs import Asked, Pair, PairSource, held_out, one_of, read_squad, read_squad2

MAX_TOKENS = 192
_GROUPS = 8
_POOL = 16
"""So many batches are drawn at once and sorted by length, so that little is computed for padding."""
_PEAK, _HEAD_PEAK, _WARM_UP = 1.5e-4, 1e-3, 0.06
_FROZEN_LAYERS = 2
"""The lowest layers, like the embeddings, stay as they were: a step takes a fifth less time, and the table of words is shared."""
_SAVE_SECONDS = 600
_JUDGED = 300


class Batch(NamedTuple):
    """Pairs as the network reads them, answered and unanswered by turns.

    ``starts`` and ``ends`` are places in the sequence, 0 for no answer and -100 where the place is a guess.
    """

    ids: Tensor
    kinds: Tensor
    mask: Tensor
    open: Tensor
    answered: Tensor
    starts: Tensor
    ends: Tensor
    same_question: Tensor


class Reader(nn.Module):  # type: ignore[misc]  # mypy follows nothing of torch
    """The encoder with two heads: start and end of the answer by token, and whether there is one by the first token."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        # Less than an epoch is trained, so nothing is learned by heart, and dropout would take a quarter of the time.
        dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, **dropout)
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:_FROZEN_LAYERS]):
            part.requires_grad_(False)
        self.spans = nn.Linear(self.encoder.config.hidden_size, 2)
        self.answers = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of each token as start and as end, (pairs, tokens), and of an answer, (pairs,)."""
        hidden = self.encoder(input_ids=batch.ids, token_type_ids=batch.kinds, attention_mask=batch.mask).last_hidden_state
        spans = self.spans(hidden).masked_fill(~batch.open[:, :, None], -1e4)
        return spans[..., 0], spans[..., 1], self.answers(hidden[:, 0]).squeeze(-1)


def collate(groups: Sequence[tuple[Pair, Pair]], tokenizer: Tokenizer) -> Batch:
    """Encodes groups of pairs, padded to the longest."""
    pairs = [pair for group in groups for pair in group]
    encodings = tokenizer.encode_batch([(pair.question, _read_text(pair)) for pair in pairs])
    width = max(len(encoding.ids) for encoding in encodings)
    ids, kinds, mask, opened = (np.zeros((len(pairs), width), np.int64) for _ in range(4))
    places = np.zeros((len(pairs), 2), np.int64)
    for row, (pair, encoding) in enumerate(zip(pairs, encodings, strict=True)):
        length = len(encoding.ids)
        ids[row, :length], kinds[row, :length], mask[row, :length] = encoding.ids, encoding.type_ids, 1
        skipped = len(_read_text(pair)) - len(pair.passage.text)
        within = [kind == 1 and begin >= skipped for kind, (begin, _) in zip(encoding.type_ids, encoding.offsets, strict=True)]
        opened[row, :length] = within
        opened[row, 0] = 1
        opened[row, length - 1] = 0
        places[row] = _places(pair, encoding.offsets, skipped, within)
    answered = torch.tensor([float(pair.answered) for pair in pairs])
    same = torch.tensor([first.question == second.question for first, second in groups])
    tensors = [torch.from_numpy(each) for each in (ids, kinds, mask)]
    starts, ends = torch.from_numpy(places[:, 0].copy()), torch.from_numpy(places[:, 1].copy())
    return Batch(tensors[0], tensors[1], tensors[2], torch.from_numpy(opened.astype(bool)), answered, starts, ends, same)


def _read_text(pair: Pair) -> str:
    return f"{pair.passage.context}\n{pair.passage.text}" if pair.passage.context else pair.passage.text


def _places(pair: Pair, offsets: Sequence[tuple[int, int]], skipped: int, within: Sequence[bool]) -> tuple[int, int]:
    if not pair.answered:
        return 0, 0
    if pair.span is None:
        return -100, -100
    start, end = (place + skipped for place in pair.span)
    held = [at for at, (begin, stop) in enumerate(offsets) if within[at] and begin < end and stop > start]
    return (held[0], held[-1]) if held else (-100, -100)


def loss_of(outputs: tuple[Tensor, Tensor, Tensor], batch: Batch) -> Tensor:
    """Places with "no answer" among them, whether there is an answer, and the answered pair above the other one."""
    starts, ends, answers = outputs
    spans = (nn.functional.cross_entropy(starts, batch.starts) + nn.functional.cross_entropy(ends, batch.ends)) / 2
    answerable = nn.functional.binary_cross_entropy_with_logits(answers, batch.answered)
    margins = (answers[0::2] - answers[1::2])[batch.same_question]
    above = nn.functional.softplus(-margins).mean() if len(margins) else answers.new_zeros(())
    return spans + answerable + 0.5 * above


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The share of (answered, unanswered) whose answered one scores higher; ties count half."""
    above = np.subtract.outer(np.array(positive), np.array(negative))
    return float((above > 0).mean() + (above == 0).mean() / 2)


def judge(model: Reader, batches: Sequence[Batch]) -> dict[str, float]:
    """Figures on kept-back articles: AUROC of answers, of places against "no answer", and exact places."""
    model.eval()
    answers, places, exact = [], [], []
    with torch.inference_mode():
        for batch in batches:
            starts, ends, answer = model(batch)
            best_start, best_end = starts[:, 1:].max(1), ends[:, 1:].max(1)
            places += (best_start.values + best_end.values - starts[:, 0] - ends[:, 0]).tolist()
            answers += answer.tolist()
            right = (best_start.indices + 1 == batch.starts) & (best_end.indices + 1 == batch.ends)
            exact += right[(batch.answered > 0) & (batch.starts > 0)].float().tolist()
    model.train()
    figures = {"answers": auroc(answers[0::2], answers[1::2]), "places": auroc(places[0::2], places[1::2])}
    return {**figures, "exact": float(np.mean(exact))}


def batches_of(groups: Iterator[tuple[Pair, Pair]], tokenizer: Tokenizer, chance: random.Random) -> Iterator[Batch]:
    """Batches of groups of about one length, in an order drawn by chance."""
    while True:
        pool = sorted(islice(groups, _GROUPS * _POOL), key=lambda group: sum(len(_read_text(pair)) for pair in group))
        runs = [pool[at : at + _GROUPS] for at in range(0, len(pool), _GROUPS)]
        for run in chance.sample(runs, len(runs)):
            yield collate(run, tokenizer)


class Training:
    """A run: its model and optimizer, its clock, and the file it can go on from."""

    def __init__(self, model: Reader, folder: Path, seconds: float) -> None:
        self.model, self._folder, self._seconds = model, folder, seconds
        encoder = [weight for weight in model.encoder.parameters() if weight.requires_grad]
        heads = [*model.spans.parameters(), *model.answers.parameters()]
        groups = [{"params": encoder, "peak": _PEAK}, {"params": heads, "peak": _HEAD_PEAK}]
        self._optimizer = torch.optim.AdamW(groups, lr=0.0, weight_decay=0.01, fused=True)
        self.step, self.elapsed = 0, 0.0

    def resume(self) -> None:
        """Goes on from the last checkpoint, if there is one."""
        if self._checkpoint.is_file():
            state = torch.load(self._checkpoint, weights_only=True)
            self.model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])
            self.step, self.elapsed = state["step"], state["elapsed"]

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        draft = self._checkpoint.with_suffix(".part")
        state = {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save({**state, "step": self.step, "elapsed": self.elapsed}, draft)
        draft.replace(self._checkpoint)

    def learn(self, batch: Batch) -> float:
        """One step; the learning rate follows the clock."""
        done = min(self.elapsed / self._seconds, 1)
        share = done / _WARM_UP if done < _WARM_UP else (1 - done) / (1 - _WARM_UP)
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * max(share, 0.02 if done < _WARM_UP else 0)
        loss = loss_of(self.model(batch), batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return float(loss.detach())

    @property
    def _checkpoint(self) -> Path:
        return self._folder / "checkpoint.pt"


def run(training: Training, batches: Iterator[Batch], judged: Sequence[Batch], seconds: float, log: Path) -> None:
    """Trains until the deadline; every ten minutes a checkpoint and figures."""
    # What was learned before an interruption is not learned again.
    batches = islice(batches, training.step, None)
    saved, losses = training.elapsed, []
    began = time.monotonic() - training.elapsed
    while training.elapsed < seconds:
        losses.append(training.learn(next(batches)))
        training.elapsed = time.monotonic() - began
        last = training.elapsed >= seconds
        if training.step % 20 == 0 or last:
            _tell(log, step=training.step, elapsed=training.elapsed, processor=time.process_time(), loss=float(np.mean(losses)))
            losses.clear()
        if training.elapsed - saved > _SAVE_SECONDS or last:
            saved = training.elapsed
            training.save()
            _tell(log, step=training.step, **judge(training.model, judged))


def _tell(log: Path, **figures: float) -> None:
    with log.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({key: round(value, 4) for key, value in figures.items()}) + "\n")


def bundled_folder() -> str:
    """The folder of the model that training starts from."""
    return str(find_model().folder)


def tokenizer_of(folder: str, max_tokens: int | None = None) -> Tokenizer:
    """The tokenizer of a model's folder; it cuts the second of two texts where a limit is given, and pads nothing."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if max_tokens:
        tokenizer.enable_truncation(max_tokens, strategy="only_second")
    return tokenizer


def _source(asked: tuple[list[Asked], list[Asked]], seed: int, part: int, *, kept_back: bool) -> PairSource:
    squad, squad2 = asked
    counter = tokenizer_of(bundled_folder())
    return PairSource(
        [each for each in squad if held_out(each.title, 25) == kept_back and (kept_back or one_of(each.title, part))],
        [each for each in squad2 if held_out(each.title, 4) == kept_back],
        lambda texts: [len(encoding.ids) for encoding in counter.encode_batch(list(texts), add_special_tokens=False)],
        seed,
    )


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("squad", "squad2", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--part", type=int, default=1, help="train on one SQuAD article in so many: a short run needs no more")
    parser.add_argument("--threads", type=int, default=1)
    options: Any = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(bundled_folder(), MAX_TOKENS)
    asked = read_squad(options.squad), read_squad2(options.squad2)
    judging = _source(asked, options.seed, options.part, kept_back=True).groups()
    judged = [collate(list(islice(judging, 15)), tokenizer) for _ in range(_JUDGED // 30)]
    groups = _source(asked, options.seed, options.part, kept_back=False).groups()
    chance = random.Random(options.seed)
    training = Training(Reader(bundled_folder()), options.folder, options.minutes * 60)
    training.model.train()
    training.resume()
    run(training, batches_of(groups, tokenizer, chance), judged, options.minutes * 60, options.folder / "log.jsonl")


if __name__ == "__main__":
    main()
