"""The book-keeping of beam search: hypotheses as a tree, and the trace of a search (chapter 4)."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor

from course.data.tokenizer import EOS
from course.decoding.hypothesis import Hypothesis, LengthPenalty
from course.decoding.preparation import without_padding

NEVER = float("-inf")


class Candidate(NamedTuple):
    """One hypothesis at one step of a search.

    Attributes:
        parent: which candidate of the step before it extends; None at the first step.
        token: the token that it adds.
        log_prob: log-probability of the whole hypothesis, in nats.
        score: the same after length normalisation.
        status: `"kept"` in the beam, `"finished"` by the end token, or `"pruned"`.
    """

    parent: int | None
    token: int
    log_prob: float
    score: float
    status: Literal["kept", "finished", "pruned"]


class Trace(NamedTuple):
    """The history of one sentence's search.

    Attributes:
        steps: the candidates of each step, best first; step t adds token t.
        stopped: why the search ended: every hypothesis had finished (`"exhausted"`), no live one
            could still win (`"bound"`), or the limit was reached (`"max_length"`).
        hypotheses: the results, as `beam_search` returns them.
    """

    steps: tuple[tuple[Candidate, ...], ...]
    stopped: Literal["exhausted", "bound", "max_length"]
    hypotheses: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A token and the hypothesis that it extends: a path to the root is a hypothesis."""

    parent: "Node | None"
    token: int
    log_prob: float
    score: float
    weights: Tensor | None = None

    def path(self) -> "list[Node]":
        """The nodes from the first token to this one."""
        nodes, node = [], self
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]


@dataclass
class Beam:
    """One sentence's search: live and finished hypotheses, and when to stop."""

    width: int
    limit: int
    n_best: int
    penalty: LengthPenalty
    traced: bool = False
    length: int = 0
    live: dict[int, Node] = field(default_factory=lambda: {0: Node(None, -1, 0.0, 0.0)})
    finished: list[Node] = field(default_factory=list)
    steps: list[tuple[Candidate, ...]] = field(default_factory=list)
    stopped: Literal["exhausted", "bound", "max_length"] | None = None

    def advance(
        self,
        candidates: list[tuple[int, int, float]],
        weights: Float[Tensor, "K L H S"] | None,
    ) -> bool:
        """Take the next step's candidates (slot of the parent, token, log-probability), best first.

        Those beyond the beam's width are runners-up, noted in the trace only. Returns True if the
        search goes on.
        """
        self.length += 1
        possible = [candidate for candidate in candidates if candidate[2] > NEVER]
        if self.traced:
            self.steps.append(tuple(self._traced(i, *each) for i, each in enumerate(possible)))
        live = {}
        for slot, (parent, token, log_prob) in enumerate(possible[: self.width]):
            node = Node(
                parent=self.live[parent],
                token=token,
                log_prob=log_prob,
                score=self.penalty.score(log_prob, self.length),
                weights=None if weights is None else weights[parent],
            )
            if token == EOS:
                self.finished.append(node)
            else:
                live[slot] = node
        self.finished.sort(key=lambda node: -node.score)
        self.stopped = self._why_stop(live)
        # Where every path is a dead end, the last live hypotheses are all there is to return.
        if live or self.finished:
            self.live = live
        return self.stopped is None

    def _why_stop(
        self, live: dict[int, Node]
    ) -> Literal["exhausted", "bound", "max_length"] | None:
        if not live:
            return "exhausted"
        if self.length == self.limit:
            return "max_length"
        if len(self.finished) >= self.n_best:
            best_possible = max(node.log_prob for node in live.values())
            worst_returned = self.finished[self.n_best - 1].score
            if worst_returned >= self.penalty.bound(best_possible, self.limit):
                return "bound"
        return None

    def _traced(self, rank: int, parent: int, token: int, log_prob: float) -> Candidate:
        score = self.penalty.score(log_prob, self.length)
        kept = "finished" if token == EOS else "kept"
        return Candidate(
            parent=None if self.length == 1 else parent,
            token=token,
            log_prob=log_prob,
            score=score,
            status=kept if rank < self.width else "pruned",
        )

    def hypotheses(self, src_mask: Bool[Tensor, " S"]) -> list[Hypothesis]:
        """The best `n_best`, finished ones first."""
        ranked = [*self.finished, *self.live.values()]
        return [self._hypothesis(node, src_mask) for node in ranked[: self.n_best]]

    def _hypothesis(self, node: Node, src_mask: Bool[Tensor, " S"]) -> Hypothesis:
        path = node.path()
        finished = node.token == EOS
        return Hypothesis(
            tokens=tuple(each.token for each in path if each.token != EOS),
            log_prob=node.log_prob,
            score=node.score,
            finished=finished,
            weights=without_padding(
                [each.weights for each in path if each.weights is not None], src_mask
            ),
        )

    def history(self, src_mask: Bool[Tensor, " S"]) -> Trace:
        """The trace of a search that has stopped."""
        assert self.stopped is not None
        return Trace(tuple(self.steps), self.stopped, tuple(self.hypotheses(src_mask)))
