"""Wrong answers to the exercises of chapter 4."""

from exercises import Wrong


def step(total: str, found: str = "best, index // following.shape[1], index % following.shape[1]"):
    return (
        "def extend(so_far, following, k):\n"
        f"    total = {total}\n"
        "    best, index = total.flatten().topk(k)\n"
        f"    return {found}\n"
    )


def gnmt(body: str) -> str:
    return f"def gnmt_score(log_prob, length, alpha):\n    return {body}\n"


def top_p(kept: str, end: str = "filtered / filtered.sum()") -> str:
    return (
        "def nucleus(probs, p):\n"
        "    ordered, index = probs.sort(descending=True)\n"
        "    before = ordered.cumsum(0) - ordered\n"
        f"    kept = {kept}\n"
        "    filtered = torch.zeros_like(probs)\n"
        "    filtered[index[kept]] = ordered[kept]\n"
        f"    return {end}\n"
    )


def search(keep: str, key: str, more: str = "") -> str:
    return (
        "def mended(table, k, limit):\n"
        "    beam, finished = [(0.0, [])], []\n"
        "    for _ in range(limit):\n"
        "        grown = []\n"
        "        for log_prob, words in beam:\n"
        "            row = table[words[-1] if words else 0]\n"
        "            for word, each in enumerate(row.tolist()):\n"
        "                grown.append((log_prob + each, [*words, word]))\n"
        "        grown = sorted(grown, reverse=True)[:k]\n"
        "        finished += [h for h in grown if h[1][-1] == 0]\n"
        f"        beam = {keep}\n"
        f"{more}"
        f"    return max(finished, key=lambda h: {key})[1] if finished else []\n"
        "answer_4_5 = mended\n"
    )


ALIVE = "[h for h in grown if h[1][-1] != 0]"


def pairs(over: str, each: str, end: str = "sum(shares) / len(shares)") -> str:
    return f"def diversity(outputs):\n    shares = [{each} for {over}]\n    return {end}\n"


BELOW = "i, a in enumerate(outputs) for b in outputs[:i]"
SHARE = "2 * edit_distance(a, b) / (len(a) + len(b))"


def speculate(
    accept: str = "uniform[i] < p[i, token] / q[i, token]",
    refused: str = "[*tokens, draw((p[i] - q[i]).clamp(min=0), uniform[-1])]",
    bonus: str = "[*tokens, draw(p[-1], uniform[-1])]",
) -> str:
    return (
        "def speculate(p, q, drafted, uniform):\n"
        "    tokens = []\n"
        "    for i, token in enumerate(drafted):\n"
        f"        if not ({accept}):\n"
        f"            return {refused}\n"
        "        tokens.append(token)\n"
        f"    return {bonus}\n"
    )


WRONG: dict[str, list[Wrong]] = {
    "4.1": [
        Wrong("prediction_4_1 = 500", "paid once"),
        Wrong("prediction_4_1 = 100", "paid for every word"),
        Wrong("prediction_4_1 = 10", "paid once"),
        Wrong("prediction_4_1 = -3", "Predict a number of at least 0"),
        Wrong('prediction_4_1 = "never"', "Predict a number"),
    ],
    "4.2": [
        Wrong(step("following"), "brings along the log-probability that it has"),
        Wrong(step("so_far * following"), "brings along the log-probability that it has"),
        Wrong(step("so_far[:, None] * following"), "brings along"),
        Wrong(step("so_far[:, None] - following"), "brings along"),
        Wrong(
            step(
                "so_far[:, None] + following",
                "best, index % following.shape[1], index // following.shape[1]",
            ),
            "not which hypothesis",
        ),
        Wrong(
            step("so_far[:, None] + following", "best, index // len(so_far), index % len(so_far)"),
            "not which",
        ),
        Wrong(
            "def extend(so_far, following, k):\n"
            "    best, token = (so_far[:, None] + following).max(1)\n"
            "    best, parent = best.sort(descending=True)\n"
            "    return best[:k], parent[:k], token[parent][:k]\n",
            "all extensions of all hypotheses compete",
        ),
        Wrong(step("so_far[:, None] + following", "best"), "Three tensors are asked for"),
    ],
    "4.3": [
        Wrong(gnmt("log_prob / length**alpha"), "half of log p"),
        Wrong(gnmt("log_prob * ((5 + length) / 6) ** alpha"), "half of log p"),
        Wrong(gnmt("log_prob / ((5 + length) / 6)"), "With α = 0"),
        Wrong(gnmt("log_prob / ((5 + length) ** alpha / 6)"), "With α = 0"),
        Wrong(gnmt("log_prob / (alpha * (5 + length) / 6)"), "fails"),
        Wrong(gnmt("log_prob / ((5 + length) / (5 + 6)) ** alpha"), "is the unit"),
        Wrong(gnmt("log_prob / ((5 + length + 1) / 6) ** alpha"), "is the unit"),
    ],
    "4.4": [
        Wrong(
            code="""
def nucleus(probs, p):
    o,i=probs.sort(descending=True)
    kept=o.cumsum(0)-o<p-1e-12
    probs[i[~kept]]=0
    return probs/probs.sum()
""",
            message="It changes what it is given",
        ),
        Wrong(top_p("before + ordered < p"), "the word that crosses p"),
        Wrong(top_p("before + ordered <= p"), "the word that crosses p"),
        Wrong(top_p("before <= p"), "another size"),
        Wrong(top_p("ordered >= 1 - p"), "another size"),
        Wrong(top_p("before < p", "filtered"), "no distribution that sums to 1"),
        Wrong(top_p("before < p", "filtered.softmax(0)"), "words are kept"),
        Wrong(
            "def nucleus(probs, p):\n"
            "    ordered, _ = probs.sort(descending=True)\n"
            "    kept = ordered * (ordered.cumsum(0) - ordered < p)\n"
            "    return kept / kept.sum()\n",
            "go back to the place of its word",
        ),
    ],
    "4.5": [
        Wrong("answer_4_5 = buggy", "the output of the best sum"),
        Wrong(search("grown", "h[0] / len(h[1])"), "finished hypotheses stay and are extended"),
        Wrong(search(ALIVE, "h[0]"), "best mean log-probability"),
        Wrong(search(ALIVE, "h[0] / max(1, len(h[1]) - 1)"), "best mean log-probability"),
        Wrong(search(ALIVE, "h[0] / limit"), "best mean log-probability"),
    ],
    "4.6": [
        Wrong(pairs("a in outputs for b in outputs", SHARE), "should be a third"),
        Wrong(pairs(BELOW, "edit_distance(a, b)"), "should be a third"),
        Wrong(pairs(BELOW, "edit_distance(a, b) / len(a)"), "mean length is 3"),
        Wrong(pairs(BELOW, "edit_distance(a, b) / max(len(a), len(b))"), "mean length is 3"),
        Wrong(pairs(BELOW, SHARE, "sum(shares)"), "two differ wholly"),
        Wrong(pairs(BELOW, SHARE, "max(shares)"), "two differ wholly"),
        Wrong(pairs("a, b in zip(outputs, outputs[1:])", SHARE), "two differ wholly"),
        Wrong(pairs(BELOW, "float(a != b)"), "should be a third"),
    ],
    "4.7": [
        Wrong(speculate(accept="p[i, token] >= q[i, token]"), "min(1, p/q)"),
        Wrong(speculate(accept="uniform[i] < q[i, token] / p[i, token]"), "min(1, p/q)"),
        Wrong(speculate(accept="uniform[i] < p[i, token]"), "every drafted word"),
        Wrong(speculate(refused="[*tokens, draw(p[i], uniform[-1])]"), "makes up for what"),
        Wrong(speculate(refused="[*tokens, draw(q[i], uniform[-1])]"), "makes up for what"),
        Wrong(speculate(refused="tokens"), "min(1, p/q)"),
        Wrong(speculate(bonus="tokens"), "one more word comes for free"),
        Wrong(
            speculate(refused="[*tokens, draw((q[i] - p[i]).clamp(min=0), uniform[-1])]"),
            "makes up for what",
        ),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "4.2": [
        """
def extend(so_far, following, k):
    t=so_far[:,None]+following
    b,i=t.flatten().topk(k)
    a,w=torch.unravel_index(i,t.shape)
    return b,a,w
""",
        """
def extend(so_far, following, k):
    import numpy as np
    t=(so_far[:,None]+following).numpy()
    i=np.argsort(-t,axis=None)[:k]
    a,w=np.unravel_index(i,t.shape)
    return torch.tensor(t[a,w]),torch.tensor(a),torch.tensor(w)
""",
        """
def extend(so_far, following, k):
    t=so_far[:,None]+following
    b,i=t.flatten().topk(k)
    V=following.shape[1]
    return [b,i//V,i%V]
""",
    ],
    "4.4": [
        """
def nucleus(probs, p):
    o,i=torch.sort(probs,descending=True)
    n=int((o.cumsum(0)<p-1e-12).sum())+1
    mask=torch.zeros_like(probs).scatter(0,i[:n],1.0)
    return probs*mask/(probs*mask).sum()
""",
        """
def nucleus(probs, p):
    o,i=probs.sort(descending=True)
    n=(o.cumsum(0)<p).sum()+1
    r=torch.zeros_like(probs)
    r[i[:n]]=o[:n]
    return r/r.sum()
""",
        """
def nucleus(probs, p):
    o,i=probs.sort(descending=True)
    kept=o.cumsum(0)-o<p
    r=torch.zeros_like(probs)
    r[i[kept]]=o[kept]
    return r/r.sum()
""",
    ],
    "4.5": [
        """
def answer_4_5(table, k, limit):
    beam, finished = [(0.0, [])], []
    for _ in range(limit):
        grown = []
        for log_prob, words in beam:
            row = table[words[-1] if words else 0]
            grown += [(log_prob + e, [*words, w]) for w, e in enumerate(row.tolist())]
        best = sorted(grown, key=lambda h: -h[0])[:k]
        finished.extend(filter(lambda h: not h[1][-1], best))
        beam = [h for h in best if h[1][-1] != 0]
    return max(finished, key=lambda h: h[0]/len(h[1]))[1] if finished else []
""",
        """
def answer_4_5(table, k, limit):
    live=[((),0.0)]
    best=None
    for step in range(limit):
        cand=[]
        for ws,s in live:
            lp=table[ws[-1]] if ws else table[0]
            for w in range(len(lp)): cand.append((ws+(w,),s+float(lp[w])))
        cand.sort(key=lambda c:c[1],reverse=True)
        live=[]
        for ws,s in cand[:k]:
            if ws[-1]==0:
                m=s/len(ws)
                if best is None or m>best[0]: best=(m,list(ws))
            else: live.append((ws,s))
    return best[1] if best else []
""",
    ],
    "4.6": [
        """
def diversity(outputs):
    from itertools import combinations
    s=[edit_distance(a,b)/((len(a)+len(b))/2) for a,b in combinations(outputs,2)]
    return sum(s)/len(s)
""",
        """
def diversity(outputs):
    n=len(outputs)
    t=torch.zeros(n,n,dtype=torch.float64)
    for i in range(n):
        for j in range(n):
            t[i,j]=edit_distance(outputs[i],outputs[j])/(0.5*len(outputs[i])+0.5*len(outputs[j]))
    return t.sum()/(n*(n-1))
""",
        """
def diversity(outputs):
    import numpy as np
    both = [(a, b) for i, a in enumerate(outputs) for b in outputs[:i]]
    return np.mean([2 * edit_distance(a, b) / (len(a) + len(b)) for a, b in both])
""",
    ],
    "4.7": [
        """
def speculate(p, q, drafted, uniform):
    out = []
    for i, t in enumerate(drafted):
        if uniform[i] >= min(1.0, float(p[i, t] / q[i, t])):
            return [*out, draw((p[i] - q[i]).clamp(min=0), uniform[-1])]
        out.append(t)
    return [*out, draw(p[-1], uniform[-1])]
""",
        """
def speculate(p, q, drafted, uniform):
    n=0
    while n<len(drafted) and uniform[n]*q[n,drafted[n]] < p[n,drafted[n]]: n+=1
    w = p[n] if n==len(drafted) else torch.relu(p[n]-q[n])
    return list(drafted[:n])+[draw(w/w.sum(),uniform[-1])]
""",
        """
def speculate(p, q, drafted, uniform):
    i=torch.arange(len(drafted)); d=torch.tensor(drafted)
    ok=uniform[:-1] < p[i,d]/q[i,d]
    n=int(ok.long().cumprod(0).sum())
    w=p[n].clone()
    if n<len(q): w=torch.maximum(w-q[n],torch.zeros_like(w))
    return [*drafted[:n],draw(w,uniform[-1])]
""",
    ],
}
