"""Plausible wrong answers to the exercises of chapter 5, and what each should be told."""

from exercises import Wrong

WRONG: dict[str, list[Wrong]] = {
    "5.1": [
        Wrong(code="prediction_5_1 = 0.67", message="squares the ratios"),
        Wrong(code="prediction_5_1 = 0.5", message="squares the ratios"),
        Wrong(code="prediction_5_1 = 1.33", message="from 0 to 1"),
        Wrong(code="prediction_5_1 = 67", message="from 0 to 1"),
        Wrong(code="prediction_5_1 = '0.87'", message="Predict a number"),
        Wrong(code="prediction_5_1 = [0.87, 0.12, 0.02]", message="one number"),
        Wrong(code="prediction_5_1 = [0.87]", message="one number"),
        Wrong(code="prediction_5_1 = torch.tensor([0.87, 0.12])", message="Predict a number"),
    ],
    "5.2": [
        Wrong(
            code="""
def answer_5_2(scores, mask):
    h=scores.masked_fill(~mask,-torch.inf)
    m=h.amax()
    e=(h-m).exp()
    t=e.sum(-1,keepdim=True)
    return torch.nan_to_num(e/torch.where(t==0,1,t))
""",
            message="should be the row's own",
        ),
        Wrong(
            code="""
def answer_5_2(scores, mask):
    scores.masked_fill_(~mask,-torch.inf)
    m=scores.amax(-1,keepdim=True).nan_to_num(neginf=0)
    e=(scores-m).exp()
    t=e.sum(-1,keepdim=True)
    return e/torch.where(t==0,1,t)
""",
            message="It changes what it is given",
        ),
        Wrong(  # masked after the softmax
            code="""
def answer_5_2(scores, mask):
    exponentials = (scores - scores.amax(-1, keepdim=True)).exp()
    return exponentials / exponentials.sum(-1, keepdim=True) * mask
""",
            message="don't sum to one",
        ),
        Wrong(  # no mask
            code="""
def answer_5_2(scores, mask):
    return scores.softmax(-1)
""",
            message="a hidden position gets weight",
        ),
        Wrong(  # the mask multiplies the scores
            code="""
def answer_5_2(scores, mask):
    exponentials = (scores * mask).exp()
    return exponentials / exponentials.sum(-1, keepdim=True)
""",
            message="a hidden position gets weight",
        ),
        Wrong(  # over the wrong axis
            code="""
def answer_5_2(scores, mask):
    exponentials = scores.exp() * mask
    return exponentials / exponentials.sum(-2, keepdim=True).clamp(min=1e-300)
""",
            message="don't sum to one",
        ),
        Wrong(  # a row without anything to see becomes NaN
            code="""
def answer_5_2(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)
""",
            message="NaN",
        ),
        Wrong(  # ... or uniform
            code="""
def answer_5_2(scores, mask):
    return scores.masked_fill(~mask, -1e9).softmax(-1)
""",
            message="all of them masked",
        ),
        Wrong(  # overflows
            code="""
def answer_5_2(scores, mask):
    exponentials = scores.exp() * mask
    total = exponentials.sum(-1, keepdim=True)
    return exponentials / torch.where(total == 0, torch.ones_like(total), total)
""",
            message="scores around 1000",
        ),
        Wrong(  # subtracts the largest score of all, hidden ones included
            code="""
def answer_5_2(scores, mask):
    exponentials = (scores - scores.amax(-1, keepdim=True)).exp() * mask
    total = exponentials.sum(-1, keepdim=True)
    return exponentials / torch.where(total == 0, torch.ones_like(total), total)
""",
            message="the masked one of 2,000",
        ),
        Wrong(  # the convention upside down
            code="""
def answer_5_2(scores, mask):
    weights = scores.masked_fill(mask, -torch.inf).softmax(-1)
    return weights.nan_to_num(0)
""",
            message="a hidden position gets weight",
        ),
        Wrong(  # detached
            code="""
def answer_5_2(scores, mask):
    weights = scores.detach().masked_fill(~mask, -torch.inf).softmax(-1)
    return weights.nan_to_num(0)
""",
            message="detached",
        ),
    ],
    "5.3": [
        Wrong(  # no tanh
            code="""
def answer_5_3(h, m, W, U, v):
    return (((h @ W.mT)[:, :, None] + (m @ U.mT)[:, None])) @ v
""",
            message="adds up to",
        ),
        Wrong(  # the tanh last
            code="""
def answer_5_3(h, m, W, U, v):
    return torch.tanh((((h @ W.mT)[:, :, None] + (m @ U.mT)[:, None])) @ v)
""",
            message="adds up to",
        ),
        Wrong(  # multiplied instead of added
            code="""
def answer_5_3(h, m, W, U, v):
    return torch.tanh((h @ W.mT)[:, :, None] * (m @ U.mT)[:, None]) @ v
""",
            message="between the projections and v",
        ),
        Wrong(  # axes swapped
            code="""
def answer_5_3(h, m, W, U, v):
    return torch.tanh((h @ W.mT)[:, None] + (m @ U.mT)[:, :, None]) @ v
""",
            message="Its shape is (2, 5, 3)",
        ),
        Wrong(  # matrices not transposed
            code="""
def answer_5_3(h, m, W, U, v):
    return torch.tanh((h @ W)[:, :, None] + (m @ U)[:, None]) @ v
""",
            message="it fails",
        ),
        Wrong(  # tanh of each side before they are added
            code="""
def answer_5_3(h, m, W, U, v):
    return (torch.tanh(h @ W.mT)[:, :, None] + torch.tanh(m @ U.mT)[:, None]) @ v
""",
            message="adds up to",
        ),
        Wrong(  # the keys as constants
            code="""
def answer_5_3(h, m, W, U, v):
    return torch.tanh((h @ W.mT)[:, :, None] + (m @ U.mT).detach()[:, None]) @ v
""",
            message="No gradient reaches it",
        ),
    ],
    "5.4": [
        Wrong(  # the dot product alone
            code="""
def answer_5_4(q, k, y, width):
    return (q @ k.mT / width**2).softmax(-1) @ y
""",
            message="what does the dot product lack",
        ),
        Wrong(  # the key's term with the wrong sign
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT + k.square().sum(-1) / 2) / width**2).softmax(-1) @ y
""",
            message="what does the dot product lack",
        ),
        Wrong(  # the query's term instead of the key's
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT - q.square().sum(-1, keepdim=True) / 2) / width**2).softmax(-1) @ y
""",
            message="what does the dot product lack",
        ),
        Wrong(  # not halved
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT - k.square().sum(-1)) / width**2).softmax(-1) @ y
""",
            message="what does the dot product lack",
        ),
        Wrong(  # the width not squared
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT - k.square().sum(-1) / 2) / width).softmax(-1) @ y
""",
            message="not at width",
        ),
        Wrong(  # the width divides one term only
            code="""
def answer_5_4(q, k, y, width):
    return (q @ k.mT / width**2 - k.square().sum(-1) / 2).softmax(-1) @ y
""",
            message="not at width",
        ),
        Wrong(  # over the queries
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT - k.square().sum(-1) / 2) / width**2).softmax(0) @ y
""",
            message="don't sum to one",
        ),
        Wrong(  # not normalised
            code="""
def answer_5_4(q, k, y, width):
    squares = (q[:, None] - k).square().sum(-1)
    return (-squares / (2 * width**2)).exp() @ y
""",
            message="don't sum to one",
        ),
        Wrong(  # the weights as constants
            code="""
def answer_5_4(q, k, y, width):
    return ((q @ k.mT - k.square().sum(-1) / 2) / width**2).softmax(-1).detach() @ y
""",
            message="No gradient reaches it",
        ),
    ],
    "5.5": [
        Wrong(  # nothing mended
            code="answer_5_5 = attend",
            message="the contexts change",
        ),
        Wrong(  # after the softmax
            code="""
def answer_5_5(scores, values, mask):
    return (scores.softmax(-1) * mask[:, None]) @ values
""",
            message="give the padding other scores",
        ),
        Wrong(  # the values are masked instead
            code="""
def answer_5_5(scores, values, mask):
    return scores.softmax(-1) @ (values * mask[:, :, None])
""",
            message="give the padding other scores",
        ),
        Wrong(  # upside down
            code="""
def answer_5_5(scores, values, mask):
    return scores.masked_fill(mask[:, None], -torch.inf).softmax(-1) @ values
""",
            message="With no padding at all",
        ),
        Wrong(  # the steps are masked
            code="""
def answer_5_5(scores, values, mask):
    hidden = ~mask[:, : scores.shape[1], None]
    return scores.masked_fill(hidden, -1e9).softmax(-1) @ values
""",
            message="the contexts change",
        ),
        Wrong(  # the smallest positive number is no hiding place
            code="""
def answer_5_5(scores, values, mask):
    return scores.masked_fill(~mask[:, None], 1e-9).softmax(-1) @ values
""",
            message="put other values into the padding",
        ),
        Wrong(  # over the steps
            code="""
def answer_5_5(scores, values, mask):
    return scores.masked_fill(~mask[:, None], -torch.inf).softmax(1).nan_to_num(0) @ values
""",
            message="With no padding at all",
        ),
        Wrong(  # detached
            code="""
def answer_5_5(scores, values, mask):
    weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(-1)
    return weights.detach() @ values
""",
            message="No gradient reaches it",
        ),
    ],
    "5.6": [
        Wrong(
            code="""
def answer_5_6(sure, possible, claimed):
    possible=sure|possible
    t=len(claimed|sure)
    if not t: return 0.0
    return 1-(len(claimed&sure)+len(claimed&possible))/t
""",
            message="the sure ones alone",
        ),
        Wrong(
            code="""
def answer_5_6(sure, possible, claimed):
    possible=sure^possible
    t=len(claimed)+len(sure)
    if not t: return 0.0
    return 1-(len(claimed&sure)+len(claimed&possible))/t
""",
            message="is one link, and a sure one",
        ),
        Wrong(  # sure links are not possible ones
            code="""
def answer_5_6(sure, possible, claimed):
    total = len(claimed) + len(sure)
    return 1 - (len(claimed & sure) + len(claimed & possible)) / total if total else 0.0
""",
            message="the sure ones alone",
        ),
        Wrong(  # precision only
            code="""
def answer_5_6(sure, possible, claimed):
    return 1 - len(claimed & (sure | possible)) / len(claimed) if claimed else 0.0
""",
            message="the AER is off",
        ),
        Wrong(  # not one minus
            code="""
def answer_5_6(sure, possible, claimed):
    total = len(claimed) + len(sure)
    return (len(claimed & sure) + len(claimed & (sure | possible))) / total if total else 0.0
""",
            message="the sure ones alone",
        ),
        Wrong(  # the possible ones below the line
            code="""
def answer_5_6(sure, possible, claimed):
    possible = sure | possible
    total = len(claimed) + len(possible)
    return 1 - (len(claimed & sure) + len(claimed & possible)) / total if total else 0.0
""",
            message="the AER is off",
        ),
        Wrong(  # divides by zero
            code="""
def answer_5_6(sure, possible, claimed):
    possible = sure | possible
    hits = len(claimed & sure) + len(claimed & possible)
    return 1 - hits / (len(claimed) + len(sure))
""",
            message="ZeroDivisionError",
        ),
        Wrong(  # changes the reader's sets
            code="""
def answer_5_6(sure, possible, claimed):
    possible |= sure
    total = len(claimed) + len(sure)
    return 1 - (len(claimed & sure) + len(claimed & possible)) / total if total else 0.0
""",
            message="It changes what it is given",
        ),
        Wrong(  # the balanced F-score of sure links
            code="""
def answer_5_6(sure, possible, claimed):
    total = len(claimed) + len(sure)
    return 1 - 2 * len(claimed & sure) / total if total else 0.0
""",
            message="the AER is off",
        ),
    ],
    "5.7": [
        Wrong(
            code="""
def answer_5_7(weights):
    bits = -torch.xlogy(weights, weights).sum(-1) / math.log(2)
    weights.zero_()
    return (2**bits).mean()
""",
            message="It changes what it is given",
        ),
        Wrong(  # zeros give NaN
            code="""
def answer_5_7(weights):
    return (2 ** -(weights * weights.log2()).sum(-1)).mean()
""",
            message="NaN",
        ),
        Wrong(  # nats
            code="""
def answer_5_7(weights):
    return (2 ** -torch.xlogy(weights, weights).sum(-1)).mean()
""",
            message="0.5, 0.5, 0, 0",
        ),
        Wrong(  # the power of the mean
            code="""
def answer_5_7(weights):
    return 2 ** (-torch.xlogy(weights, weights).sum(-1) / math.log(2)).mean()
""",
            message="reads one word and one that reads two",
        ),
        Wrong(  # the entropy itself
            code="""
def answer_5_7(weights):
    return (-torch.xlogy(weights, weights).sum(-1) / math.log(2)).mean()
""",
            message="reads a single word",
        ),
        Wrong(  # no minus
            code="""
def answer_5_7(weights):
    return (2 ** (torch.xlogy(weights, weights).sum(-1) / math.log(2))).mean()
""",
            message="0.5, 0.5, 0, 0",
        ),
        Wrong(  # over the steps
            code="""
def answer_5_7(weights):
    return (2 ** (-torch.xlogy(weights, weights).sum(0) / math.log(2))).mean()
""",
            message="the mean number is off",
        ),
        Wrong(  # another count of the same: the inverse of the sum of squares
            code="""
def answer_5_7(weights):
    return (1 / weights.square().sum(-1)).mean()
""",
            message="random weights",
        ),
    ],
    "5.8": [
        Wrong(  # the largest token instead of the largest sum
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        step = min(max(t + shift, 0), len(weights) - 1)
        for s, src in enumerate(src_words):
            table[tgt, src] = max(table[tgt, src], weights[step, s])
    return {(src, tgt) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="gets most in sum",
        ),
        Wrong(  # target word first
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        step = min(max(t + shift, 0), len(weights) - 1)
        for s, src in enumerate(src_words):
            table[tgt, src] += weights[step, s]
    return {(tgt, src) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="as (source word, target word)",
        ),
        Wrong(  # the shift the other way
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        step = min(max(t - shift, 0), len(weights) - 1)
        for s, src in enumerate(src_words):
            table[tgt, src] += weights[step, s]
    return {(src, tgt) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="and shift",
        ),
        Wrong(  # runs over the end, or wraps around at the beginning
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        for s, src in enumerate(src_words):
            table[tgt, src] += weights[(t + shift) % len(weights), s]
    return {(src, tgt) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="and shift",
        ),
        Wrong(  # IndexError at the last step
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        for s, src in enumerate(src_words):
            table[tgt, src] += weights[max(t + shift, 0), s]
    return {(src, tgt) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="IndexError",
        ),
        Wrong(  # the end token's column goes to the last word
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        step = min(max(t + shift, 0), len(weights) - 1)
        for s in range(weights.shape[1]):
            table[tgt, src_words[min(s, len(src_words) - 1)]] += weights[step, s]
    return {(src, tgt) for tgt, src in enumerate(table.argmax(1).tolist())}
""",
            message="a link is off",
        ),
        Wrong(  # tokens instead of words
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    steps = [min(max(t + shift, 0), len(weights) - 1) for t in range(len(tgt_words))]
    best = weights[steps, : len(src_words)].argmax(1).tolist()
    return {(s, t) for t, s in enumerate(best)}
""",
            message="gets most in sum",
        ),
        Wrong(  # each source word picks its target word
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    table = torch.zeros(max(tgt_words) + 1, max(src_words) + 1, dtype=weights.dtype)
    for t, tgt in enumerate(tgt_words):
        step = min(max(t + shift, 0), len(weights) - 1)
        for s, src in enumerate(src_words):
            table[tgt, src] += weights[step, s]
    return {(src, tgt) for src, tgt in enumerate(table.argmax(0).tolist())}
""",
            message="gets most in sum",
        ),
        Wrong(  # a list
            code="""
def answer_5_8(weights, src_words, tgt_words, shift):
    return [(s, t) for t, s in enumerate(weights.argmax(1).tolist())]
""",
            message="Links are a set",
        ),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "5.2": [
        """
def answer_5_2(scores, mask):
    visible=mask.expand_as(scores)
    low=torch.finfo(scores.dtype).min
    h=torch.where(visible,scores,torch.full_like(scores,low))
    m=h.max(-1,keepdim=True).values.detach()
    e=torch.where(visible,(torch.where(visible,scores,m)-m).exp(),torch.zeros_like(scores))
    t=e.sum(-1,keepdim=True)
    return e/t.clamp(min=torch.finfo(t.dtype).tiny)
""",
        """
def answer_5_2(scores, mask):
    h=scores.masked_fill(~mask,-torch.inf)
    lse=h.logsumexp(-1,keepdim=True)
    lse=lse.masked_fill(lse.isinf(),0)
    return (h-lse).exp()
""",
        """
def answer_5_2(scores, mask):
    m=mask.expand(scores.shape)
    flat_s,flat_m=scores.reshape(-1,scores.shape[-1]),m.reshape(-1,scores.shape[-1])
    rows=[]
    for s,v in zip(flat_s,flat_m):
        if not v.any(): rows.append(s*0); continue
        top=max(x for x,k in zip(s.tolist(),v.tolist()) if k)
        e=torch.stack([(x-top).exp() if k else x*0 for x,k in zip(s,v.tolist())])
        rows.append(e/e.sum())
    return torch.stack(rows).reshape(scores.shape)
""",
    ],
    "5.3": [
        """
def answer_5_3(h, m, W, U, v):
    a=torch.einsum('bth,ah->bta',h,W)
    b=torch.einsum('bsd,ad->bsa',m,U)
    return torch.einsum('btsa,a->bts',torch.tanh(a.unsqueeze(2)+b.unsqueeze(1)),v)
""",
        """
def answer_5_3(h, m, W, U, v):
    import torch.nn.functional as F
    x=F.linear(h,W).unsqueeze(-2)+F.linear(m,U).unsqueeze(-3)
    return (x.tanh()*v).sum(-1)
""",
        """
def answer_5_3(h, m, W, U, v):
    found = [[[torch.tanh(W @ q + U @ k) @ v for k in mm] for q in hh] for hh, mm in zip(h, m)]
    return torch.stack([torch.stack([torch.stack(row) for row in each]) for each in found])
""",
    ],
    "5.4": [
        """
def answer_5_4(q, k, y, width):
    d=((q[:,None]-k)**2).sum(-1)
    w=torch.exp(-d/(2*width**2))
    return w@y/w.sum(1,keepdim=True)
""",
        """
def answer_5_4(q, k, y, width):
    rows = [((k @ row - (k * k).sum(1) / 2) / width**2).softmax(0) for row in q]
    return torch.stack([sum(w * v for w, v in zip(row, y)) for row in rows])
""",
        """
def answer_5_4(q, k, y, width):
    s=torch.einsum('qd,nd->qn',q,k)-0.5*torch.einsum('nd,nd->n',k,k)-0.5*(q*q).sum(1)[:,None]
    return torch.einsum('qn,nm->qm',torch.softmax(s/width**2,dim=1),y)
""",
    ],
    "5.5": [
        """
def answer_5_5(scores, values, mask):
    w=scores.softmax(-1)*mask[:,None]
    w=w/w.sum(-1,keepdim=True)
    return w@values
""",
        """
def answer_5_5(scores, values, mask):
    out=[]
    for s,v,m in zip(scores,values,mask):
        out.append(s[:,m].softmax(-1)@v[m])
    return torch.stack(out)
""",
        """
def answer_5_5(scores, values, mask):
    bias=torch.zeros_like(scores).masked_fill(~mask.unsqueeze(1),float('-inf'))
    return torch.einsum('bts,bsd->btd',torch.softmax(scores+bias,dim=2),values)
""",
    ],
    "5.6": [
        """
def answer_5_6(sure, possible, claimed):
    hits=0
    for link in claimed:
        if link in sure: hits+=2
        elif link in possible: hits+=1
    t=len(claimed)+len(sure)
    return 1-hits/t if t else 0
""",
        """
def answer_5_6(sure, possible, claimed):
    p=set(possible).union(sure)
    d=len(sure)+len(claimed)
    if d==0: return 0
    return (d-len(sure.intersection(claimed))-len(p.intersection(claimed)))/d
""",
    ],
    "5.7": [
        """
def answer_5_7(weights):
    total=0
    for row in weights.tolist():
        total+=2**(-sum(w*math.log2(w) for w in row if w>0))
    return total/len(weights)
""",
        """
def answer_5_7(weights):
    return torch.special.entr(weights).sum(-1).exp().mean()
""",
        """
def answer_5_7(weights):
    l=torch.where(weights>0,weights,torch.ones_like(weights)).log()
    return torch.exp(-(weights*l).sum(dim=1)).mean()
""",
        """
def answer_5_7(weights):
    return torch.distributions.Categorical(probs=weights).entropy().exp().mean().item()
""",
    ],
    "5.8": [
        """
def answer_5_8(weights, src_words, tgt_words, shift):
    S,T=max(src_words)+1,max(tgt_words)+1
    rows=(torch.arange(len(tgt_words))+shift).clamp(0,len(weights)-1)
    w=weights[rows][:,:len(src_words)]
    A=torch.nn.functional.one_hot(torch.tensor(src_words),S).to(w.dtype)
    B=torch.nn.functional.one_hot(torch.tensor(tgt_words),T).to(w.dtype)
    t=B.T@w@A
    return set(zip(t.argmax(1).tolist(),range(T)))
""",
        """
def answer_5_8(weights, src_words, tgt_words, shift):
    links=set()
    for word in set(tgt_words):
        score={}
        for t,x in enumerate(tgt_words):
            if x!=word: continue
            r=max(0,min(t+shift,weights.shape[0]-1))
            for s,src in enumerate(src_words):
                score[src]=score.get(src,0)+weights[r][s].item()/tgt_words.count(word)
        links.add((max(score,key=score.get),word))
    return links
""",
        """
def answer_5_8(weights, src_words, tgt_words, shift):
    w=weights.numpy()
    import numpy as np
    t=np.zeros((max(tgt_words)+1,max(src_words)+1))
    for i,a in enumerate(tgt_words):
        for j,b in enumerate(src_words):
            t[a,b]+=w[min(max(i+shift,0),len(w)-1),j]
    return {(int(s),i) for i,s in enumerate(t.argmax(1))}
""",
        """
def answer_5_8(weights, src_words, tgt_words, shift):
    w=weights.numpy()
    import numpy as np
    t=np.zeros((max(tgt_words)+1,max(src_words)+1))
    for i,a in enumerate(tgt_words):
        for j,b in enumerate(src_words):
            t[a,b]+=w[min(max(i+shift,0),len(w)-1),j]
    return {(s,i) for i,s in enumerate(t.argmax(1))}
""",
    ],
}
