"""The book-keeping of beam search: hypotheses as a tree, and the trace of a search (chapter 4)."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor

from course.decoding.hypothesis import CoveragePenalty, Hypothesis, LengthPenalty
from course.decoding.preparation import without_padding

NEVER = float("-inf")


class Candidate(NamedTuple):
    """One hypothesis at one step of a search.

    Attributes:
        parent: which candidate of the step before it extends; None at the first step.
        token: the token that it adds.
        log_prob: log-probability of the whole hypothesis, in nats.
        score: the same after length normalisation (and, if asked for, the coverage penalty).
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

    def paths(self) -> list[list[tuple[int, ...]]]:
        """The tokens of each candidate from the first one on, step by step (end token included)."""
        found: list[list[tuple[int, ...]]] = []
        for step in self.steps:
            before = found[-1] if found else []
            found.append([(*(() if c.parent is None else before[c.parent]), c.token) for c in step])
        return found

    def best(self, length_penalty: LengthPenalty) -> Hypothesis:
        """What the same search would have returned with another length penalty.

        The beam keeps hypotheses by log-probability, so a penalty decides between finished ones
        only. This holds for a trace searched with log p / L (the default) and any milder penalty,
        for it stops last.
        """
        finished = [
            Hypothesis(
                tokens=path[:-1],
                log_prob=each.log_prob,
                score=length_penalty.score(each.log_prob, len(path)),
                finished=True,
            )
            for step, paths in zip(self.steps, self.paths(), strict=True)
            for each, path in zip(step, paths, strict=True)
            if each.status == "finished"
        ]
        return max(finished, key=lambda h: h.score, default=self.hypotheses[0])


@dataclass(frozen=True, slots=True)
class Node:
    """A token and the hypothesis that it extends: a path to the root is a hypothesis."""

    parent: "Node | None"
    token: int
    log_prob: float
    score: float
    weights: Tensor | None = None
    coverage: Tensor | None = None

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
    end: int
    real: Bool[Tensor, " S"]
    coverage: CoveragePenalty | None = None
    keep_weights: bool = False
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
        nodes = [self._node(*each, weights) for each in possible]
        if self.traced:
            both = enumerate(zip(possible, nodes, strict=True))
            self.steps.append(tuple(self._traced(i, *each) for i, each in both))
        live = {}
        for slot, node in enumerate(nodes[: self.width]):
            if node.token == self.end:
                self.finished.append(node)
            else:
                live[slot] = node
        self.finished.sort(key=lambda node: -node.score)
        del self.finished[self.n_best :]  # the others can neither be returned nor stop the search
        self.stopped = self._why_stop(live)
        # Where every path is a dead end, the last live hypotheses are all there is to return.
        if live or self.finished:
            self.live = live
        return self.stopped is None

    def _node(
        self, parent: int, token: int, log_prob: float, weights: Float[Tensor, "K L H S"] | None
    ) -> Node:
        before, score = self.live[parent], self.penalty.score(log_prob, self.length)
        coverage = None
        if self.coverage is not None and weights is not None:
            coverage = weights[parent].mean((0, 1))[self.real]  # (S,), padding left out
            if before.coverage is not None:
                coverage = before.coverage + coverage
            score += self.coverage.score(coverage)
        return Node(
            parent=before,
            token=token,
            log_prob=log_prob,
            score=score,
            weights=weights[parent] if weights is not None and self.keep_weights else None,
            coverage=coverage,
        )

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

    def _traced(self, rank: int, candidate: tuple[int, int, float], node: Node) -> Candidate:
        kept = "finished" if node.token == self.end else "kept"
        return Candidate(
            parent=None if self.length == 1 else candidate[0],
            token=node.token,
            log_prob=node.log_prob,
            score=node.score,
            status=kept if rank < self.width else "pruned",
        )

    def hypotheses(self) -> list[Hypothesis]:
        """The best `n_best`, finished ones first."""
        live = sorted(self.live.values(), key=lambda node: -node.score)
        return [self._hypothesis(node) for node in [*self.finished, *live][: self.n_best]]

    def _hypothesis(self, node: Node) -> Hypothesis:
        path = node.path()
        finished = node.token == self.end
        return Hypothesis(
            tokens=tuple(each.token for each in path if each.token != self.end),
            log_prob=node.log_prob,
            score=node.score,
            finished=finished,
            weights=without_padding(
                [each.weights for each in path if each.weights is not None], self.real
            ),
        )

    def history(self) -> Trace:
        """The trace of a search that has stopped."""
        assert self.stopped is not None
        return Trace(tuple(self.steps), self.stopped, tuple(self.hypotheses()))
