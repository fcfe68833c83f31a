"""Plausible wrong answers to the exercises of chapter 7, and what each should be told."""

from exercises import Wrong

MANY = """
def many_heads(x, W_q, W_k, W_v, W_o, heads):
    size = x.shape[1]
    q, k, v = (rearrange(x @ W, "b t (h k) -> b h t k", h=heads) for W in (W_q, W_k, W_v))
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = masked_softmax(scores, causal_mask(size))
    read = weights @ v
    return rearrange(read, "b h t k -> b t (h k)") @ W_o


answer_7_4 = many_heads
"""
MERGED = 'rearrange(read, "b h t k -> b t (h k)")'

TURNED = """
def answer_7_5(x, positions):
    width = x.shape[-1]
    speeds = 10_000.0 ** (-2 * torch.arange(width // 2, dtype=x.dtype) / width)
    angles = positions[:, None] * speeds
    first, second = x.chunk(2, -1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)
"""

CACHED = """
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    q, k, v = (rearrange(x @ W, "b t (h k) -> b h t k", h=heads) for W in (W_q, W_k, W_v))
    if past is not None:
        k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    mask = causal_mask(k.shape[2])[-x.shape[1] :]
    read = masked_softmax(scores, mask) @ v
    return rearrange(read, "b h t k -> b t (h k)") @ W_o, (k, v)
"""


def changed(code: str, *changes: tuple[str, str]) -> str:
    """A right answer with some of its parts replaced."""
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code


WRONG: dict[str, list[Wrong]] = {
    "7.1": [
        Wrong(code="prediction_7_1 = 2.6", message="a softmax turns differences into ratios"),
        Wrong(code="prediction_7_1 = 1.3", message="a softmax turns differences into ratios"),
        Wrong(code="prediction_7_1 = 4", message="a softmax turns differences into ratios"),
        Wrong(code="prediction_7_1 = 10", message="from 0 to 4"),
        Wrong(code="prediction_7_1 = -0.1", message="from 0 to 4"),
        Wrong(code="prediction_7_1 = 'hardly any'", message="Predict a number"),
        Wrong(code="prediction_7_1 = [0.1, 0.2]", message="one number"),
    ],
    "7.2": [
        Wrong(  # no scale
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT).softmax(-1) @ v
""",
            message="what has to change with the width of the keys",
        ),
        Wrong(  # the width of the words
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT / math.sqrt(x.shape[-1])).softmax(-1) @ v
""",
            message="For queries and keys of a single number",
        ),
        Wrong(  # the width without its root
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT / q.shape[-1]).softmax(-1) @ v
""",
            message="what has to change with the width of the keys",
        ),
        Wrong(  # scaled after the softmax
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT).softmax(-1) / math.sqrt(q.shape[-1]) @ v
""",
            message="the mean of the values of its own sentence",
        ),
        Wrong(  # over the askers
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-2) @ v
""",
            message="over which axis",
        ),
        Wrong(  # the keys ask
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (k @ q.mT / math.sqrt(q.shape[-1])).softmax(-1) @ v
""",
            message="Who asks",
        ),
        Wrong(  # all axes turned around
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.permute(2, 1, 0) / math.sqrt(q.shape[-1])).softmax(-1) @ v
""",
            message="it fails",
        ),
        Wrong(  # the words themselves are read
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k = x @ W_q, x @ W_k
    return (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1) @ x
""",
            message="should read a value",
        ),
        Wrong(  # all sentences as one
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = (rearrange(x @ W, "b t k -> (b t) k") for W in (W_q, W_k, W_v))
    read = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1) @ v
    return rearrange(read, "(b t) k -> b t k", b=len(x))
""",
            message="of its own sentence",
        ),
        Wrong(  # nothing is learnt through the weights
            code="""
def answer_7_2(x, W_q, W_k, W_v):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    return (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1).detach() @ v
""",
            message="not what could be learnt",
        ),
    ],
    "7.3": [
        Wrong(  # causal alone
            code="""
def answer_7_3(lengths, size):
    return causal_mask(size).expand(len(lengths), 1, size, size)
""",
            message="may look at padding",
        ),
        Wrong(  # padding alone
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, None].expand(-1, -1, size, -1)
""",
            message="look at a later one",
        ),
        Wrong(  # padding on the asking axis
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, :, None] & causal_mask(size)
""",
            message="a position misses real words",
        ),
        Wrong(  # padding asks nothing, either
            code="""
def answer_7_3(lengths, size):
    real = padding_mask(lengths, size)
    return real[:, None, None] & real[:, None, :, None] & causal_mask(size)
""",
            message="a position misses real words",
        ),
        Wrong(  # True means hidden
            code="""
def answer_7_3(lengths, size):
    return ~(padding_mask(lengths, size)[:, None, None] & causal_mask(size))
""",
            message="look at a later one",
        ),
        Wrong(  # upside down
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, None] & causal_mask(size).mT
""",
            message="look at a later one",
        ),
        Wrong(  # without oneself
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, None] & causal_mask(size).tril(-1)
""",
            message="may not look at itself",
        ),
        Wrong(  # no axis for the heads
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None] & causal_mask(size)
""",
            message="four axes",
        ),
        Wrong(  # joined by or
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, None] | causal_mask(size)
""",
            message="look at a later one",
        ),
        Wrong(  # a number for each pair
            code="""
def answer_7_3(lengths, size):
    return padding_mask(lengths, size)[:, None, None] * causal_mask(size).float()
""",
            message="True and False",
        ),
    ],
    "7.4": [
        Wrong(code="answer_7_4 = many_heads", message="change the *last* token"),
        Wrong(  # the scale alone
            code=changed(MANY, (MERGED, "read.reshape(x.shape)")),
            message="change the *last* token",
        ),
        Wrong(  # the merging alone
            code=changed(MANY, ("math.sqrt(q.shape[-1])", "math.sqrt(x.shape[-1])")),
            message="how wide are the queries",
        ),
        Wrong(  # merged head by head, in the wrong order
            code=changed(MANY, ("-> b t (h k)", "-> b t (k h)")),
            message="every number of it in its old place",
        ),
        Wrong(  # split the other way
            code=MANY.replace("b t (h k) -> b h t k", "b t (k h) -> b h t k"),
            message="every number of it in its old place",
        ),
        Wrong(  # split and merged the other way
            code=MANY.replace("(h k)", "(k h)"),
            message="how wide are the queries",
        ),
        Wrong(  # transposed, and the wrong way round
            code=changed(MANY, (MERGED, "read.permute(0, 3, 2, 1).reshape(x.shape)")),
            message="one head, where there was no bug",
        ),
        Wrong(  # no mask any more
            code=changed(MANY, ("masked_softmax(scores, causal_mask(size))", "scores.softmax(-1)")),
            message="one head, where there was no bug",
        ),
        Wrong(  # the number of heads as scale
            code=changed(MANY, ("math.sqrt(q.shape[-1])", "math.sqrt(heads)")),
            message="one head, where there was no bug",
        ),
        Wrong(  # the heads are added up
            code=changed(MANY, (MERGED, "read.sum(1).repeat(1, 1, heads)")),
            message="every number of it in its old place",
        ),
    ],
    "7.5": [
        Wrong(  # clockwise
            code=changed(TURNED, ("angles.cos(), angles.sin()", "angles.cos(), -angles.sin()")),
            message="counter-clockwise",
        ),
        Wrong(  # a reflection
            code=changed(TURNED, ("first * sin + second", "first * sin - second")),
            message="nothing should be turned",
        ),
        Wrong(  # pairs side by side
            code="""
def answer_7_5(x, positions):
    width = x.shape[-1]
    speeds = 10_000.0 ** (-2 * torch.arange(width // 2, dtype=x.dtype) / width)
    angles = positions[:, None] * speeds
    first, second = x[..., 0::2], x[..., 1::2]
    cos, sin = angles.cos(), angles.sin()
    turned = first * cos - second * sin, first * sin + second * cos
    return torch.stack(turned, -1).flatten(-2)
""",
            message="only differences of positions count",
        ),
        Wrong(  # the speeds forget their two
            code=changed(TURNED, ("(-2 * torch", "(-torch")),
            message="only differences of positions count",
        ),
        Wrong(  # each pair at one speed
            code=changed(TURNED, ("positions[:, None] * speeds", "positions[:, None]")),
            message="only differences of positions count",
        ),
        Wrong(  # waves, added
            code="""
def answer_7_5(x, positions):
    width = x.shape[-1]
    speeds = 10_000.0 ** (-2 * torch.arange(width // 2, dtype=x.dtype) / width)
    angles = positions[:, None] * speeds
    return x + torch.cat([angles.sin(), angles.cos()], -1)
""",
            message="nothing should be turned",
        ),
        Wrong(  # multiplied by the cosines alone
            code="""
def answer_7_5(x, positions):
    width = x.shape[-1]
    speeds = 10_000.0 ** (-2 * torch.arange(width // 2, dtype=x.dtype) / width)
    cos = (positions[:, None] * speeds).cos()
    return x * torch.cat([cos, cos], -1)
""",
            message="change their length",
        ),
        Wrong(  # places counted afresh
            code=changed(TURNED, ("positions[:, None]", "torch.arange(x.shape[2])[:, None]")),
            message="nothing should be turned",
        ),
        Wrong(  # from 1
            code=changed(TURNED, ("positions[:, None]", "(positions[:, None] + 1)")),
            message="nothing should be turned",
        ),
        Wrong(  # degrees
            code=changed(TURNED, ("* speeds", "* speeds * math.pi / 180")),
            message="in radians",
        ),
    ],
    "7.6": [
        Wrong(  # invariance
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:, order]) - layer(x)).abs().max()
""",
            message="It should be 0 here",
        ),
        Wrong(  # shuffled back, but forwards
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:, order])[:, order] - layer(x)).abs().max()
""",
            message="It should be 0 here",
        ),
        Wrong(  # the sentences are shuffled
            code="""
def answer_7_6(layer, x, order):
    order = order % len(x)
    return (layer(x[order]) - layer(x)[order]).abs().max()
""",
            message="the greatest difference is off",
        ),
        Wrong(  # the mean
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).abs().mean()
""",
            message="the greatest difference is off",
        ),
        Wrong(  # signed
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order]).max()
""",
            message="the greatest difference is off",
        ),
        Wrong(  # the first sentence
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:1, order]) - layer(x[:1])[:, order]).abs().max()
""",
            message="the greatest difference is off",
        ),
        Wrong(  # whether, not how far
            code="""
def answer_7_6(layer, x, order):
    return not torch.allclose(layer(x[:, order]), layer(x)[:, order])
""",
            message="where a float is asked for",
        ),
        Wrong(  # the last feature alone
            code="""
def answer_7_6(layer, x, order):
    return (layer(x[:, order]) - layer(x)[:, order])[..., :1].abs().max()
""",
            message="the greatest difference is off",
        ),
    ],
    "7.7": [
        Wrong(  # the cache is not read
            code=changed(
                CACHED, ("k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)", "pass")
            ),
            message="whom may the first of the six see",
        ),
        Wrong(  # the first rows of the mask
            code=changed(CACHED, ("[-x.shape[1] :]", "[: x.shape[1]]")),
            message="whom may the first of the six see",
        ),
        Wrong(  # no mask: everybody sees the newest
            code=changed(CACHED, ("masked_softmax(scores, mask)", "scores.softmax(-1)")),
            message="all tokens fed at once",
        ),
        Wrong(  # a mask only where nothing is cached
            code=changed(
                CACHED,
                (
                    "masked_softmax(scores, mask)",
                    "(masked_softmax(scores, mask) if past is None else scores.softmax(-1))",
                ),
            ),
            message="not in two pieces of 1 and 6",
        ),
        Wrong(  # new keys in front
            code=changed(
                CACHED, ("[past[0], k]", "[k, past[0]]"), ("[past[1], v]", "[v, past[1]]")
            ),
            message="not in two pieces of 1 and 6",
        ),
        Wrong(  # keys and values exchanged on their way
            code=changed(CACHED, ("(k, v)\n", "(v, k)\n")),
            message="not in two pieces of 1 and 6",
        ),
        Wrong(  # only the new ones are kept
            code="""
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    q, k, v = (rearrange(x @ W, "b t (h k) -> b h t k", h=heads) for W in (W_q, W_k, W_v))
    new = k, v
    if past is not None:
        k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    mask = causal_mask(k.shape[2])[-x.shape[1] :]
    read = masked_softmax(scores, mask) @ v
    return rearrange(read, "b h t k -> b t (h k)") @ W_o, new
""",
            message="but not token by token",
        ),
        Wrong(  # no cache comes back
            code=changed(CACHED, ("@ W_o, (k, v)", "@ W_o")),
            message="Outputs and a pair, the cache, are asked for",
        ),
        Wrong(  # the words themselves are kept, and all is computed again
            code="""
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    known = x if past is None else torch.cat([past[0], x], 1)
    k, v = (rearrange(known @ W, "b t (h k) -> b h t k", h=heads) for W in (W_k, W_v))
    q = rearrange(x @ W_q, "b t (h k) -> b h t k", h=heads)
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    mask = causal_mask(k.shape[2])[-x.shape[1] :]
    read = masked_softmax(scores, mask) @ v
    return rearrange(read, "b h t k -> b t (h k)") @ W_o, (known,)
""",
            message="the keys and the values of the seven tokens",
        ),
        Wrong(  # queries are kept, too
            code=changed(CACHED, ("(k, v)\n", "(k, v, q)\n")),
            message="hold nothing else",
        ),
        Wrong(  # the past is cut off from learning
            code=changed(
                CACHED,
                ("[past[0], k]", "[past[0].detach(), k]"),
                ("[past[1], v]", "[past[1].detach(), v]"),
            ),
            message="not what could be learnt",
        ),
        Wrong(  # everything comes back, not the new words alone
            code="""
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    q, k, v = (rearrange(x @ W, "b t (h k) -> b h t k", h=heads) for W in (W_q, W_k, W_v))
    if past is not None:
        k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        q = torch.cat([torch.zeros_like(past[0]), q], 2)
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    read = masked_softmax(scores, causal_mask(k.shape[2])) @ v
    return rearrange(read, "b h t k -> b t (h k)") @ W_o, (k, v)
""",
            message="Fed 6 tokens",
        ),
    ],
}

RIGHT: dict[str, list[str]] = {
    "7.2": [
        """
def answer_7_2(x, W_q, W_k, W_v):
    s = torch.einsum("btd,dk,ek,bse->bts", x, W_q, W_k, x) * W_k.shape[1] ** -0.5
    return torch.einsum("bts,bsd,de->bte", torch.softmax(s, dim=2), x, W_v)
""",
        """
def answer_7_2(x, W_q, W_k, W_v):
    out=[]
    for s in x:
        q,k,v=s@W_q,s@W_k,s@W_v
        out.append(torch.softmax(q@k.T/k.size(1)**.5,dim=1)@v)
    return torch.stack(out)
""",
        """
def answer_7_2(x, W_q, W_k, W_v):
    import torch.nn.functional as F
    return F.scaled_dot_product_attention(x @ W_q, x @ W_k, x @ W_v)
""",
    ],
    "7.3": [
        """
def answer_7_3(lengths, size):
    t=torch.arange(size)
    return ((t[None,:]<=t[:,None])[None] & (t[None,None]<lengths[:,None,None]))[:,None]
""",
        """
def answer_7_3(lengths, size):
    m=torch.zeros(len(lengths),1,size,size,dtype=torch.bool)
    for b,n in enumerate(lengths.tolist()):
        for t in range(size):
            m[b,0,t,:min(t+1,n)]=True
    return m
""",
    ],
    "7.4": [
        changed(MANY, (MERGED, "read.transpose(1, 2).reshape(x.shape)")),
        """
def answer_7_4(x, W_q, W_k, W_v, W_o, heads):
    parts=[]
    for a,b,c in zip(W_q.chunk(heads,1),W_k.chunk(heads,1),W_v.chunk(heads,1)):
        s=(x@a)@(x@b).mT/a.shape[1]**0.5
        s=s.masked_fill(~causal_mask(x.shape[1]),-torch.inf)
        parts.append(s.softmax(-1)@(x@c))
    return torch.cat(parts,-1)@W_o
""",
    ],
    "7.5": [
        """
def answer_7_5(x, positions):
    h=x.shape[-1]//2
    a=torch.outer(positions,torch.tensor([10000**(-i/h) for i in range(h)],dtype=x.dtype))
    z=torch.complex(x[...,:h],x[...,h:])*torch.polar(torch.ones_like(a),a)
    return torch.cat([z.real,z.imag],-1)
""",
        """
def answer_7_5(x, positions):
    d=x.shape[-1]
    out=x.clone()
    for i in range(d//2):
        t=positions/10000**(2*i/d)
        out[...,i]=x[...,i]*t.cos()-x[...,i+d//2]*t.sin()
        out[...,i+d//2]=x[...,i]*t.sin()+x[...,i+d//2]*t.cos()
    return out
""",
    ],
    "7.6": [
        """
def answer_7_6(layer, x, order):
    back=order.argsort()
    return (layer(x[:,order])[:,back]-layer(x)).abs().max().item()
""",
        """
def answer_7_6(layer, x, order):
    a,b=layer(x.index_select(1,order)),layer(x).index_select(1,order)
    return max(float((p-q).abs().max()) for p,q in zip(a,b))
""",
    ],
    "7.7": [
        """
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    B,T,D=x.shape
    def split(y): return y.view(B,-1,heads,D//heads).transpose(1,2)
    q,k,v=split(x@W_q),split(x@W_k),split(x@W_v)
    if past is not None:
        k=torch.cat((past[0],k),dim=2); v=torch.cat((past[1],v),dim=2)
    P=k.shape[2]
    i=torch.arange(P-T,P)[:,None]; j=torch.arange(P)[None]
    s=(q@k.transpose(-1,-2)*(D//heads)**-0.5).masked_fill(j>i,float("-inf"))
    return (s.softmax(-1)@v).transpose(1,2).reshape(B,T,D)@W_o,(k,v)
""",
        """
def answer_7_7(x, past, W_q, W_k, W_v, W_o, heads):
    outs=[]
    k,v=past if past is not None else (x[:,:0],x[:,:0])
    for t in range(x.shape[1]):
        w=x[:,t:t+1]
        k,v=torch.cat([k,w@W_k],1),torch.cat([v,w@W_v],1)
        q,kk,vv=(rearrange(y,"b t (h k) -> b h t k",h=heads) for y in (w@W_q,k,v))
        a=(q@kk.mT/q.shape[-1]**0.5).softmax(-1)@vv
        outs.append(rearrange(a,"b h t k -> b t (h k)")@W_o)
    return torch.cat(outs,1),[k,v]
""",
    ],
}
