"""PyTorch's side of `tributary-bench operators`: one JSON request a line on standard input, one JSON answer a line.

{"threads": N, "call": expression in x, torch and F, "inputs": [{"shape", "fill", "below", "layout"}], "gradient": [operands]}
prepares a call and warms it up: {"version": …}. {"seconds": S} times it: {"ns": [nanoseconds of a call, one number a batch]}.
Without a gradient calls run in inference mode; with one a call is the forward pass and torch.autograd.grad by the operands.
Results are allocated by every call, as eager PyTorch does; the benchmark sets glibc's malloc to keep memory that is freed
(MALLOC_MMAP_MAX_=0, MALLOC_TRIM_THRESHOLD_), so that no call pays for fresh pages. A mistake is answered {"error": …}.
"""
import json, sys, time
import torch, torch.nn.functional as F

BATCH_SECONDS = 1e-4

def filled(shape, fill, below):
    if fill == "real": return torch.empty(shape).uniform_(-2, 2)
    if fill == "positive": return torch.empty(shape).uniform_(0.5, 2)
    if fill == "share": return torch.empty(shape).uniform_(0, 1)
    if fill == "index": return torch.randint(0, below, shape)
    if fill == "boolean": return torch.randint(0, 2, shape).bool()
    raise ValueError(f"unknown fill {fill}")

def operand(shape, fill, below, layout):
    x = filled(shape, fill, below)
    if layout == "images": return x.permute(0, 3, 1, 2)
    if layout == "sequences": return x.transpose(1, 2).contiguous()
    if layout == "filters": return x.contiguous(memory_format=torch.channels_last)
    return x

def prepared(request):
    torch.set_num_threads(request["threads"])
    torch.manual_seed(1)
    x = [operand(**each) for each in request["inputs"]]
    function = eval("lambda x: " + request["call"], {"torch": torch, "F": F})
    if not request["gradient"]:
        def call():
            return function(x)
        return call
    by = [x[i].requires_grad_() for i in request["gradient"]]
    cotangent = torch.empty_like(function(x)).uniform_(-2, 2)
    def call_and_gradient():
        return torch.autograd.grad(function(x), by, cotangent)
    return call_and_gradient

def seconds_of(call, count):
    start = time.perf_counter()
    for _ in range(count): call()
    return time.perf_counter() - start

def batch_of(call):
    call()
    count = 1
    while seconds_of(call, count) < BATCH_SECONDS: count *= 2
    return count

def answer(line, state):
    request = json.loads(line)
    if "call" in request:
        state.clear()
        state["inference"] = not request["gradient"]
        state["call"] = prepared(request)
        with torch.inference_mode(state["inference"]): state["batch"] = batch_of(state["call"])
        return {"version": torch.__version__}
    call, batch, samples = state["call"], state["batch"], []
    end = time.perf_counter() + request["seconds"]
    with torch.inference_mode(state["inference"]):
        while not samples or time.perf_counter() < end: samples.append(seconds_of(call, batch) / batch * 1e9)
    return {"ns": samples}

state = {}
for line in sys.stdin:
    try: reply = answer(line, state)
    except Exception as error: reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
