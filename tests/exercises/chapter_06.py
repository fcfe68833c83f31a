"""Plausible wrong answers to the exercises of chapter 6, and what each should be told."""

from exercises import Wrong

WRONG: dict[str, list[Wrong]] = {
    "6.1": [
        Wrong(code="prediction_6_1 = 1.93", message="no longer counts"),
        Wrong(code="prediction_6_1 = 50", message="no longer counts"),
        Wrong(code="prediction_6_1 = 256.0", message="no longer counts"),
        Wrong(code="prediction_6_1 = 2", message="no longer counts"),
        Wrong(code="prediction_6_1 = -1", message="at least 0"),
        Wrong(code="prediction_6_1 = 'the same'", message="Predict a number"),
    ],
    "6.2": [
        Wrong(  # always on the keys' side, as the package has it
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    return source * d_memory * d_state + steps * source * d_state
""",
            message="dearer side",
        ),
        Wrong(  # always on the queries' side
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    return steps * d_memory * d_state + steps * source * d_memory
""",
            message="dearer side",
        ),
        Wrong(  # the dearer one
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    keys = source * d_memory * d_state + steps * source * d_state
    queries = steps * d_memory * d_state + steps * source * d_memory
    return max(keys, queries)
""",
            message="dearer side",
        ),
        Wrong(  # the projections alone
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    return min(source, steps) * d_memory * d_state
""",
            message="the count is off",
        ),
        Wrong(  # the dot product as wide as the side that was projected
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    keys = source * d_memory * d_state + steps * source * d_memory
    queries = steps * d_memory * d_state + steps * source * d_state
    return min(keys, queries)
""",
            message="the count is off",
        ),
        Wrong(  # the keys afresh at each step
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    return steps * source * (d_memory * d_state + d_state)
""",
            message="the count is off",
        ),
        Wrong(  # chosen by the projection alone, not by the whole
            code="""
def answer_6_2(source, steps, d_memory, d_state):
    if source <= steps:
        return source * d_memory * d_state + steps * source * d_state
    return steps * d_memory * d_state + steps * source * d_memory
""",
            message="dearer side",
        ),
    ],
    "6.3": [
        Wrong(  # the key first
            code="""
def answer_6_3(q, m, joined, v):
    D = m.shape[-1]
    key, query = m @ joined[:, :D].mT, q @ joined[:, D:].mT
    return torch.tanh(query[:, :, None] + key[:, None]) @ v
""",
            message="the query stands first",
        ),
        Wrong(  # no tanh
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = q @ joined[:, :H].mT, m @ joined[:, H:].mT
    return (query[:, :, None] + key[:, None]) @ v
""",
            message="*one* tanh",
        ),
        Wrong(  # a tanh of each
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = torch.tanh(q @ joined[:, :H].mT), torch.tanh(m @ joined[:, H:].mT)
    return (query[:, :, None] + key[:, None]) @ v
""",
            message="*one* tanh",
        ),
        Wrong(  # the matrix not transposed
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = q @ joined[:, :H], m @ joined[:, H:]
    return torch.tanh(query[:, :, None] + key[:, None]) @ v
""",
            message="it fails",
        ),
        Wrong(  # the axes of steps and source mixed up
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = q @ joined[:, :H].mT, m @ joined[:, H:].mT
    return torch.tanh(query[:, None] + key[:, :, None]) @ v
""",
            message="Its shape is (2, 5, 3)",
        ),
        Wrong(  # multiplied
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = q @ joined[:, :H].mT, m @ joined[:, H:].mT
    return torch.tanh(query[:, :, None] * key[:, None]) @ v
""",
            message="should have no say now",
        ),
        Wrong(  # the query as a constant
            code="""
def answer_6_3(q, m, joined, v):
    H = q.shape[-1]
    query, key = q.detach() @ joined[:, :H].mT, m @ joined[:, H:].mT
    return torch.tanh(query[:, :, None] + key[:, None]) @ v
""",
            message="No gradient reaches it",
        ),
    ],
    "6.4": [
        Wrong(
            code="""
def answer_6_4(positions, lengths, size, radius):
    p=torch.arange(1,size+1)
    positions[:]=positions.minimum(lengths[:,None])
    return ((p-positions[:,:,None]).abs()<=radius)&(p<=lengths[:,None,None])
""",
            message="It changes what it is given",
        ),
        Wrong(  # places counted from 0
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(size)
    centres = positions.minimum(lengths[:, None])[:, :, None]
    return ((places - centres).abs() <= radius) & (places < lengths[:, None, None])
""",
            message="although its middle lies within",
        ),
        Wrong(  # the ends left out
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions.minimum(lengths[:, None])[:, :, None]
    return ((places - centres).abs() < radius) & (places <= lengths[:, None, None])
""",
            message="although its middle lies within",
        ),
        Wrong(  # walks out of the source
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions[:, :, None]
    return ((places - centres).abs() <= radius) & (places <= lengths[:, None, None])
""",
            message="past the end of the source",
        ),
        Wrong(  # stays inside the batch's width instead of the source
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions.clamp(max=size)[:, :, None]
    return ((places - centres).abs() <= radius) & (places <= lengths[:, None, None])
""",
            message="past the end of the source",
        ),
        Wrong(  # padding is let in
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions.minimum(lengths[:, None])[:, :, None]
    return (places - centres).abs() <= radius
""",
            message="lets padding in",
        ),
        Wrong(  # only to the right
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions.minimum(lengths[:, None])[:, :, None]
    right = (places >= centres) & (places <= centres + radius)
    return right & (places <= lengths[:, None, None])
""",
            message="although its middle lies within",
        ),
        Wrong(  # numbers
            code="""
def answer_6_4(positions, lengths, size, radius):
    places = torch.arange(1, size + 1)
    centres = positions.minimum(lengths[:, None])[:, :, None]
    inside = ((places - centres).abs() <= radius) & (places <= lengths[:, None, None])
    return inside.float()
""",
            message="True and False",
        ),
    ],
    "6.5": [
        Wrong(code="answer_6_5 = local_p", message="than it gets alone"),  # nothing mended
        Wrong(  # the length of the first sentence for all
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = mask[0].sum() * where[:, :, None]
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
            message="than it gets alone",
        ),
        Wrong(  # the centre rounded to a place: nothing to learn through
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = (mask.sum(1)[:, None, None] * where[:, :, None]).round()
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
            message="without padding",
        ),
        Wrong(  # no gradient through the centre
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = (mask.sum(1)[:, None, None] * where[:, :, None]).detach()
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
            message="No gradient reaches it",
        ),
        Wrong(  # the bell inside of the softmax: rows sum to one again
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = mask.sum(1)[:, None, None] * where[:, :, None]
    near = (places - centres).abs() <= radius
    bell = -((places - centres) ** 2) / (2 * (radius / 2) ** 2)
    return masked_softmax(scores + bell, mask[:, None] & near)
""",
            message="without padding",
        ),
        Wrong(  # the mask dropped, as the window seems to do its work
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = mask.sum(1)[:, None, None] * where[:, :, None]
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, near) * bell
""",
            message="For scores (2, 3, 7)",
        ),
        Wrong(  # sigma is the radius
            code="""
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = mask.sum(1)[:, None, None] * where[:, :, None]
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * radius**2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
            message="without padding",
        ),
    ],
    "6.6": [
        Wrong(  # what stays inside
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = torch.arange(1, steps + 1).clamp(max=size)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() <= radius
    return (weights * near).sum(-1).mean()
""",
            message="nothing is cut off",
        ),
        Wrong(  # sums over the steps too
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = torch.arange(1, steps + 1).clamp(max=size)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() <= radius
    return (weights * ~near).sum()
""",
            message="a mean over the rows",
        ),
        Wrong(  # the mean over all cells
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = torch.arange(1, steps + 1).clamp(max=size)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() <= radius
    return (weights * ~near).mean()
""",
            message="a mean over the rows",
        ),
        Wrong(  # walks out of the source
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = torch.arange(1, steps + 1)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() <= radius
    return (weights * ~near).sum(-1).mean()
""",
            message="stays at the last place",
        ),
        Wrong(  # the ends cut off, too
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = torch.arange(1, steps + 1).clamp(max=size)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() < radius
    return (weights * ~near).sum(-1).mean()
""",
            message="nothing is cut off",
        ),
        Wrong(  # the diagonal of a rectangle: a target word's share of the source
            code="""
def answer_6_6(weights, radius):
    steps, size = weights.shape
    centres = (torch.arange(1, steps + 1) * size / steps)[:, None]
    near = (torch.arange(1, size + 1) - centres).abs() <= radius
    return (weights * ~near).sum(-1).mean()
""",
            message="the share is off",
        ),
    ],
    "6.7": [
        Wrong(  # asks with the state before the token
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        scores = (state @ W_a)[:, None] @ outputs.mT
        state = cell(torch.cat([token, found[-1]], -1), state)
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([context, state], -1) @ W_c.mT))
    return torch.stack(found[1:], 1)
""",
            message="ask with the *new* state",
        ),
        Wrong(  # the state first in the joined vector
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, found[-1]], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([state, context], -1) @ W_c.mT))
    return torch.stack(found[1:], 1)
""",
            message="join context and state",
        ),
        Wrong(  # nothing is fed
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found, nothing = [], torch.zeros_like(state)
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, nothing], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([context, state], -1) @ W_c.mT))
    return torch.stack(found, 1)
""",
            message="what is fed beside the second token",
        ),
        Wrong(  # the state is fed
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found, fed = [], torch.zeros_like(state)
    for token in embedded.unbind(1):
        state = fed = cell(torch.cat([token, fed], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([context, state], -1) @ W_c.mT))
    return torch.stack(found, 1)
""",
            message="what is fed beside the second token",
        ),
        Wrong(  # the attentional vector becomes the state
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, found[-1]], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        state = torch.tanh(torch.cat([context, state], -1) @ W_c.mT)
        found.append(state)
    return torch.stack(found[1:], 1)
""",
            message="which state goes on",
        ),
        Wrong(  # no mask
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, found[-1]], -1), state)
        weights = ((state @ W_a)[:, None] @ outputs.mT).softmax(-1)
        context = (weights @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([context, state], -1) @ W_c.mT))
    return torch.stack(found[1:], 1)
""",
            message="into the padding",
        ),
        Wrong(  # no tanh
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, found[-1]], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.cat([context, state], -1) @ W_c.mT)
    return torch.stack(found[1:], 1)
""",
            message="project, tanh",
        ),
        Wrong(  # what is fed is a constant
            code="""
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    found = [torch.zeros_like(state)]
    for token in embedded.unbind(1):
        state = cell(torch.cat([token, found[-1].detach()], -1), state)
        scores = (state @ W_a)[:, None] @ outputs.mT
        context = (masked_softmax(scores, mask[:, None]) @ outputs)[:, 0]
        found.append(torch.tanh(torch.cat([context, state], -1) @ W_c.mT))
    return torch.stack(found[1:], 1)
""",
            message="The gradient differs",
        ),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "6.2": [
        """
def answer_6_2(source, steps, d_memory, d_state):
    a=source*(d_memory*d_state)+source*steps*d_state
    b=steps*(d_memory*d_state)+source*steps*d_memory
    return a if a<b else b
""",
        """
def answer_6_2(source, steps, d_memory, d_state):
    return min(source*d_state*(d_memory+steps), steps*d_memory*(d_state+source))
""",
        """
def answer_6_2(source, steps, d_memory, d_state):
    import numpy as np
    return np.minimum(source*d_state*(d_memory+steps), steps*d_memory*(d_state+source))
""",
    ],
    "6.3": [
        """
def answer_6_3(q, m, joined, v):
    A,B=joined.split([q.shape[-1],m.shape[-1]],1)
    query, key = torch.einsum('bth,ah->bta', q, A), torch.einsum('bsd,ad->bsa', m, B)
    return torch.einsum('btsa,a->bts', (query[:, :, None] + key[:, None]).tanh(), v)
""",
        """
def answer_6_3(q, m, joined, v):
    B,T,H=q.shape
    S=m.shape[1]
    x=torch.cat([q[:,:,None].expand(-1,-1,S,-1),m[:,None].expand(-1,T,-1,-1)],-1)
    return torch.tanh(x@joined.mT)@v
""",
        """
def answer_6_3(q, m, joined, v):
    from torch.nn.functional import linear
    h=q.size(2)
    s=linear(q,joined[:,:h]).unsqueeze(2)+linear(m,joined[:,h:]).unsqueeze(1)
    return (torch.tanh(s)*v).sum(dim=3)
""",
    ],
    "6.4": [
        """
def answer_6_4(positions, lengths, size, radius):
    B,T=positions.shape
    m=torch.zeros(B,T,size,dtype=torch.bool)
    for b in range(B):
        n=int(lengths[b])
        for t in range(T):
            c=min(int(positions[b,t]),n)
            for s in range(1,size+1):
                m[b,t,s-1]= c-radius<=s<=c+radius and s<=n
    return m
""",
        """
def answer_6_4(positions, lengths, size, radius):
    p=torch.arange(size)
    c=torch.minimum(positions,lengths.unsqueeze(1))-1
    return (p>=c[...,None]-radius)*(p<=c[...,None]+radius)*(p<lengths[:,None,None])
""",
        """
def answer_6_4(positions, lengths, size, radius):
    import numpy as np
    p=np.arange(1,size+1)
    c=np.minimum(positions.numpy(),lengths.numpy()[:,None])[...,None]
    return torch.from_numpy((np.abs(p-c)<=radius)&(p<=lengths.numpy()[:,None,None]))
""",
    ],
    "6.5": [
        """
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = (mask.sum(-1, keepdim=True) * where).unsqueeze(-1)
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
        """
def answer_6_5(scores, queries, mask, W, v, radius):
    out=[]
    for s,q,m in zip(scores,queries,mask):
        n=int(m.sum())
        c=n*torch.sigmoid(torch.tanh(q@W.T)@v)
        p=torch.arange(1,s.shape[1]+1)
        d=p-c[:,None]
        ok=m&(d.abs()<=radius)
        out.append(masked_softmax(s,ok)*torch.exp(-2*d**2/radius**2))
    return torch.stack(out)
""",
        """
def answer_6_5(scores, queries, mask, W, v, radius):
    places = torch.arange(1, scores.shape[2] + 1)
    where = torch.sigmoid(torch.tanh(queries @ W.mT) @ v)
    centres = torch.einsum('b,bt->bt', mask.to(where.dtype).sum(1), where)[..., None]
    near = (places - centres).abs() <= radius
    bell = torch.exp(-((places - centres) ** 2) / (2 * (radius / 2) ** 2))
    return masked_softmax(scores, mask[:, None] & near) * bell
""",
    ],
    "6.6": [
        """
def answer_6_6(weights, radius):
    total=0
    T,S=weights.shape
    for t in range(T):
        c=min(t,S-1)
        total+=1-sum(weights[t,s].item() for s in range(max(0,c-radius),min(S,c+radius+1)))
    return total/T
""",
        """
def answer_6_6(weights, radius):
    T,S=weights.shape
    c=torch.minimum(torch.arange(T),torch.tensor(S-1))
    kept=torch.stack([weights[t,max(0,c[t]-radius):c[t]+radius+1].sum() for t in range(T)])
    return 1-kept.mean()
""",
        """
def answer_6_6(weights, radius):
    import numpy as np
    T,S=weights.shape
    w=weights.numpy()
    c=np.minimum(np.arange(T),S-1)[:,None]
    return (w*(np.abs(np.arange(S)-c)>radius)).sum(1).mean()
""",
    ],
    "6.7": [
        """
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    fed=torch.zeros(len(state),state.shape[1],dtype=state.dtype)
    out=[]
    for t in range(embedded.shape[1]):
        state=cell(torch.cat((embedded[:,t],fed),1),state)
        e=torch.einsum('bh,hd,bsd->bs',state,W_a,outputs)
        a=e.masked_fill(~mask,float('-inf')).softmax(-1)
        c=torch.einsum('bs,bsd->bd',a,outputs)
        fed=torch.tanh(torch.nn.functional.linear(torch.cat((c,state),1),W_c))
        out.append(fed)
    return torch.stack(out,dim=1)
""",
        """
def answer_6_7(embedded, state, outputs, mask, cell, W_a, W_c):
    B,T,_=embedded.shape
    rows=[]
    for b in range(B):
        n=int(mask[b].sum())
        m=outputs[b,:n]
        h=state[b]; f=torch.zeros_like(h); r=[]
        for t in range(T):
            h=cell(torch.cat([embedded[b,t],f])[None],h[None])[0]
            a=(m@(W_a.T@h)).softmax(0)
            c=a@m
            f=torch.tanh(W_c@torch.cat([c,h]))
            r.append(f)
        rows.append(torch.stack(r))
    return torch.stack(rows)
""",
    ],
}
