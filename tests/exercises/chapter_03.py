"""Wrong answers to the exercises of chapter 3."""

from exercises import Wrong


def shift(reads: str, writes: str) -> str:
    return (
        "def shifted(rows):\n"
        "    width = max(len(row) for row in rows)\n"
        "    blank = [[PAD] * (width - len(row)) for row in rows]\n"
        f"    reads = [{reads} for row, pad in zip(rows, blank)]\n"
        f"    writes = [{writes} for row, pad in zip(rows, blank)]\n"
        "    return torch.tensor(reads), torch.tensor(writes)\n"
    )


def sigmoid(body: str) -> str:
    return (
        "def inverse_sigmoid(k):\n    def share(update):\n"
        f"        return {body}\n\n    return share\n"
    )


def own(inside: str, steps: str = "range(batch.tgt_in.shape[1])") -> str:
    return (
        "def mended(model, batch):\n"
        "    memory = model.encode(batch.src, batch.src_mask)\n"
        "    state = model.start(memory, batch.tgt_in[:, :0])\n"
        "    word, answers = batch.tgt_in[:, 0], []\n"
        f"    for t in {steps}:\n"
        "        step = model.step(word, memory, state)\n"
        f"        {inside}\n"
        "        answers.append(step.log_probs)\n"
        "    return torch.stack(answers, 1)\n"
        "answer_3_4 = mended\n"
    )


def both(
    wrong: str = "((best != batch.tgt_out) & batch.tgt_mask)",
    forced: str = "wrong.sum().item() / batch.num_tokens",
    free: str = "edits / sum(len(t) for t in tgt)",
    limit: str = "limit",
) -> str:
    return (
        "def both_ways(model, src, tgt, limit):\n"
        "    batch = collate(src, tgt)\n"
        "    best = model(batch.src, batch.src_mask, batch.tgt_in).argmax(-1)\n"
        f"    wrong = {wrong}\n"
        f"    written = greedy(model, batch.src, batch.src_mask, max_length={limit})\n"
        "    edits = sum(edit_distance(h.tokens, t) for h, t in zip(written, tgt))\n"
        f"    return {forced}, {free}\n"
    )


def table(body: str) -> str:
    return f"def learnt(share, n):\n    return {body}\n"


def scheduled(
    coins: str = "torch.rand(len(word), generator=generator)",
    word: str = "torch.where(coins < share, batch.tgt_in[:, t], step.log_probs.argmax(-1))",
    state: str = "state = step.state",
    answer: str = "step.log_probs",
) -> str:
    return (
        "def scheduled_pass(model, batch, share, generator):\n"
        "    memory = model.encode(batch.src, batch.src_mask)\n"
        "    state = model.start(memory, batch.tgt_in[:, :0])\n"
        "    word, answers = batch.tgt_in[:, 0], []\n"
        "    once = torch.rand(len(word), generator=generator)\n"
        "    for t in range(1, batch.tgt_in.shape[1] + 1):\n"
        "        step = model.step(word, memory, state)\n"
        f"        {state}\n"
        f"        answers.append({answer})\n"
        "        if t < batch.tgt_in.shape[1]:\n"
        f"            coins = {coins}\n"
        f"            word = {word}\n"
        "    return torch.stack(answers, 1)\n"
    )


WRONG: dict[str, list[Wrong]] = {
    "3.1": [
        Wrong("prediction_3_1 = 0.9", "mended at once, by the reference"),
        Wrong("prediction_3_1 = 0.5", "its first error is also its last change"),
        Wrong("prediction_3_1 = 1.0", "How many steps is the first symbol right for?"),
        Wrong("prediction_3_1 = 0.0", "repeats it"),
        Wrong("prediction_3_1 = 12.5", "Predict a number from 0 to 1"),
        Wrong('prediction_3_1 = "low"', "Predict a number"),
    ],
    "3.2": [
        Wrong(
            shift("row + [EOS] + pad", "row + [EOS] + pad"), "what the decoder reads is not right"
        ),
        Wrong(
            shift("[BOS] + row + pad", "[BOS] + row + pad"), "what the decoder writes is not right"
        ),
        Wrong(
            shift("row + [EOS] + pad", "[BOS] + row + pad"), "what the decoder reads is not right"
        ),
        Wrong(
            shift("[BOS] + row + pad", "row + pad + [EOS]"), "what the decoder writes is not right"
        ),
        Wrong(shift("[BOS] + row[:-1] + pad", "row + pad"), "where (1, 4) is asked for"),
        Wrong(
            "def shifted(rows):\n"
            "    for row in rows:\n"
            "        row.append(EOS)\n"
            "    batch = collate(rows, rows)\n"
            "    return batch.tgt_in[:, :-1], batch.tgt_in[:, 1:]\n",
            "It changes what it is given",
        ),
    ],
    "3.3": [
        Wrong(
            code="""
def inverse_sigmoid(k):
    return lambda i: k/(k+math.exp(min(i,700)/k))
""",
            message="With k = 300.00",
        ),
        Wrong(sigmoid("k / (k + math.exp(update / k))"), "OverflowError"),
        Wrong(sigmoid("1 / (1 + math.exp(min(update / k, 700)))"), "does not follow the formula"),
        Wrong(sigmoid("k / (k + math.exp(min(update, 700)))"), "does not follow the formula"),
        Wrong(
            sigmoid("1 - k / (k + math.exp(min(update / k, 700)))"), "does not follow the formula"
        ),
        Wrong("def inverse_sigmoid(k):\n    return k / (k + 1)\n", "A function is asked for"),
    ],
    "3.4": [
        Wrong(
            code="""
def answer_3_4(model, batch):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = batch.tgt_in[:, 0], []
    for t in range(batch.tgt_in.shape[1]):
        with torch.no_grad(): s0 = model.step(word, memory, state)
        step = model.step(word, memory, state)
        word, state = step.log_probs.argmax(-1), tuple(x.detach() for x in step.state)
        answers.append(step.log_probs)
    return torch.stack(answers, 1)
""",
            message="but not the encoder's gradient",
        ),
        Wrong(own("word = step.log_probs.argmax(-1)"), "The first step is right, and the second"),
        Wrong(
            own("word, state = batch.tgt_in[:, min(t + 1, batch.tgt_in.shape[1] - 1)], step.state"),
            "and the second is not",
        ),
        Wrong(own("word, state = batch.tgt_out[:, t], step.state"), "and the second is not"),
        Wrong(
            own(
                "word, state = step.log_probs.argmax(-1), step.state",
                "range(batch.tgt_in.shape[1] - 1)",
            ),
            "log-probabilities of shape",
        ),
        Wrong(own("state = step.state"), "and the second is not"),
        Wrong(own("word, state = step.log_probs.argmin(-1), step.state"), "and the second is not"),
    ],
    "3.5": [
        Wrong(both(wrong="(best != batch.tgt_out)"), "the first number is not the share"),
        Wrong(both(wrong="(best != batch.tgt_in) & batch.tgt_mask"), "the first number is not"),
        Wrong(both(forced="wrong.float().mean().item()"), "the first number is not the share"),
        Wrong(both(wrong="(best == batch.tgt_out) & batch.tgt_mask"), "the first number is not"),
        Wrong(both(free="edits / len(tgt)"), "the second number is not"),
        Wrong(both(free="edits / batch.num_tokens"), "the second number is not"),
        Wrong(
            both(free="1 - sum(list(h.tokens) == t for h, t in zip(written, tgt)) / len(tgt)"),
            "the second number is not",
        ),
    ],
    "3.6": [
        Wrong(table("share"), "the probability is not right"),
        Wrong(table("(1 + share) / 2"), "With 3 sentences"),
        Wrong(table("1 / n"), "the probability is not right"),
        Wrong(table("share / n + (1 - share)"), "the probability is not right"),
        Wrong(table("share + (1 - share) / (n - 1)"), "the probability is not right"),
        Wrong(table("share + (1 - share) / n**2"), "the probability is not right"),
    ],
    "3.7": [
        Wrong(
            code="""
def scheduled_pass(model, batch, share, generator):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = batch.tgt_in[:, 0], []

    for t in range(1, batch.tgt_in.shape[1] + 1):
        step = model.step(word, memory, state)
        state = step.state
        answers.append(step.log_probs)
        if t < batch.tgt_in.shape[1]:
            coins = torch.rand(len(word))
            word = torch.where(coins < share, batch.tgt_in[:, t], step.log_probs.argmax(-1))
    return torch.stack(answers, 1)
""",
            message="two passes with the same seed",
        ),
        Wrong(scheduled(state="pass"), "With a share of 1 it is not the teacher-forced pass"),
        Wrong(
            scheduled(
                word="torch.where(coins < share, step.log_probs.argmax(-1), batch.tgt_in[:, t])"
            ),
            "With a share of 1 it is not the teacher-forced pass",
        ),
        Wrong(scheduled(coins="torch.rand(1, generator=generator)"), "each needs coins of its own"),
        Wrong(scheduled(coins="once"), "each needs coins of its own"),
        Wrong(
            scheduled(
                word="torch.where(coins < share, batch.tgt_in[:, t - 1], step.log_probs.argmax(-1))"
            ),
            "With a share of 1 it is not the teacher-forced pass",
        ),
        Wrong(scheduled(answer="step.log_probs.detach()"), "No gradient flows back"),
        Wrong(
            scheduled(state="state = tuple(part.detach() for part in step.state)"),
            "the encoder's gradient is not right",
        ),
        Wrong(scheduled(coins="torch.rand(len(word), generator=generator) ** 2"), "should be the"),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "3.2": [
        """
def shifted(rows):
    w=max(map(len,rows))+1
    r=torch.full((len(rows),w),PAD); o=torch.full((len(rows),w),PAD)
    for i,x in enumerate(rows):
        r[i,0]=BOS
        for j,t in enumerate(x):
            r[i,j+1]=t; o[i,j]=t
        o[i,len(x)]=EOS
    return r,o
""",
        """
def shifted(rows):
    from torch.nn.utils.rnn import pad_sequence
    a=pad_sequence([torch.tensor([BOS,*x]) for x in rows],batch_first=True,padding_value=PAD)
    b=pad_sequence([torch.tensor([*x,EOS]) for x in rows],batch_first=True,padding_value=PAD)
    return [a,b]
""",
    ],
    "3.3": [
        """
def inverse_sigmoid(k):
    def s(i):
        try: return k/(k+math.exp(i/k))
        except OverflowError: return 0.0
    return s
""",
        """
def inverse_sigmoid(k):
    return lambda i: torch.sigmoid(torch.tensor(math.log(k)-i/k,dtype=torch.float64)).item()
""",
        """
def inverse_sigmoid(k):
    return lambda update: k/(k+math.exp(min(update/k,700)))
""",
    ],
    "3.4": [
        """
def answer_3_4(model, batch):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    w=batch.tgt_in[:,0]
    out=[]
    while len(out)<batch.tgt_out.shape[1]:
        lp,state,_=model.step(w,memory,state)
        out.append(lp[:,None])
        w=lp.max(-1).indices
    return torch.cat(out,1)
""",
        """
def answer_3_4(model, batch):
    words=batch.tgt_in[:,:1]
    for _ in range(batch.tgt_in.shape[1]):
        lp=model(batch.src,batch.src_mask,words).log_softmax(-1)
        words=torch.cat([words,lp[:,-1:].argmax(-1)],1)
    return lp
""",
        """
def answer_3_4(model, batch):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = torch.full_like(batch.tgt_in[:,0],BOS), []
    for t in range(batch.tgt_in.shape[1]):
        step = model.step(word, memory, state)
        word, state = step.log_probs.argmax(-1), step.state
        answers.append(step.log_probs)
    return torch.stack(answers, 1)
""",
    ],
    "3.5": [
        """
def both_ways(model, src, tgt, limit):
    b = collate(src, tgt)
    best = model(b.src, b.src_mask, b.tgt_in).softmax(-1).max(-1)[1]
    wrong = torch.where(b.tgt_mask, best.ne(b.tgt_out), False)
    out = greedy(model, b.src, b.src_mask, max_length=limit)
    edits = sum(edit_distance(h.tokens, t) for h, t in zip(out, tgt)) / sum(map(len, tgt))
    return wrong.sum().item() / b.num_tokens, edits
""",
        """
def both_ways(model, src, tgt, limit):
    n=w=e=d=0
    for s,t in zip(src,tgt):
        b=collate([s],[t])
        best=model(b.src,b.src_mask,b.tgt_in).argmax(-1)[0].tolist()
        for x,y in zip(best,b.tgt_out[0].tolist()):
            n+=1; w+=x!=y
        h=greedy(model,b.src,b.src_mask,max_length=limit)[0]
        e+=edit_distance(h.tokens,t); d+=len(t)
    return [w/n,e/d]
""",
        """
def both_ways(model, src, tgt, limit):
    b = collate(src, tgt)
    best = model(b.src, b.src_mask, b.tgt_in).argmax(-1)
    wrong = (best != b.tgt_out) & b.tgt_mask
    out = greedy(model, b.src, b.src_mask, max_length=limit)
    edits = sum(edit_distance(h.tokens, t) for h, t in zip(out, tgt)) / sum(map(len, tgt))
    return wrong.sum() / b.num_tokens, edits
""",
    ],
    "3.6": [
        """
def learnt(share, n):
    return (share*n + 1 - share)/n
""",
        """
def learnt(share, n):
    reference=share*1.0
    own=(1-share)*(1/n)
    return torch.tensor(reference+own, dtype=torch.float64)
""",
        """
def learnt(share, n):
    return 1 - (1-share)*(n-1)/n
""",
    ],
    "3.7": [
        """
def scheduled_pass(model, batch, share, generator):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = batch.tgt_in[:, 0], []

    for t in range(1, batch.tgt_in.shape[1] + 1):
        step = model.step(word, memory, state)
        state = step.state
        answers.append(step.log_probs)
        if t < batch.tgt_in.shape[1]:
            keep = torch.bernoulli(torch.full((len(word),), share), generator=generator).bool()
            own = step.log_probs.argmax(-1)
            word = own.clone()
            word[keep] = batch.tgt_in[keep, t]
    return torch.stack(answers, 1)
""",
        """
def scheduled_pass(model, batch, share, generator):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = batch.tgt_in[:, 0], []
    coinsall = torch.rand(batch.tgt_in.shape, generator=generator) < share
    for t in range(1, batch.tgt_in.shape[1] + 1):
        step = model.step(word, memory, state)
        state = step.state
        answers.append(step.log_probs)
        if t < batch.tgt_in.shape[1]:
            pass
            word = torch.where(coinsall[:, t], batch.tgt_in[:, t], step.log_probs.argmax(-1))
    return torch.stack(answers, 1)
""",
        """
def scheduled_pass(model, batch, share, generator):
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    word, answers = batch.tgt_in[:, 0], []

    for t in range(1, batch.tgt_in.shape[1] + 1):
        step = model.step(word, memory, state)
        state = step.state
        answers.append(step.log_probs)
        if t < batch.tgt_in.shape[1]:
            coins = torch.rand(len(word), generator=generator)
            own, right = step.log_probs.argmax(-1).tolist(), batch.tgt_in[:, t].tolist()
            three = zip(right, coins.tolist(), own)
            word = torch.tensor([r if c < share else o for r, c, o in three])
    return torch.stack(answers, 1)
""",
    ],
}
