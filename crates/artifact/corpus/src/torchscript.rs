//! Archives of `TorchScript`: a program for `PyTorch`'s own interpreter beside the tensors.

use crate::{
    Sample,
    pickle::Pickle,
    zip::{Member, zip},
};

const FAMILY: &str = "torchscript";

/// An archive as `torch.jit.save` writes it, with this source as its only code.
pub fn archive(source: &str) -> Vec<u8> {
    let object = Pickle::proto(2).global("__torch__", "Net").raw(b")\x81}b").stop();
    let constants = Pickle::proto(2).raw(b")").stop();
    zip(&[
        Member::stored("net/data.pkl", &object).torch(),
        Member::stored("net/byteorder", b"little").torch(),
        Member::deflated("net/code/__torch__.py", source.as_bytes()).torch(),
        Member::stored("net/constants.pkl", &constants).torch(),
        Member::stored("net/version", b"3\n").torch(),
    ])
}

/// A module whose method has this body.
pub fn module(body: &str) -> String {
    format!(
        "class Net(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  _is_full_backward_hook : Optional[bool]\n  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n    {body}\n    return x\n"
    )
}

/// What the program does, and the line that does it.
const HOSTILE: &[(&str, &str)] = &[
    ("writes a file", "_0 = torch.save(x, \"/tmp/x\")"),
    ("writes a file with the operator's full name", "_0 = ops.aten.save(x, \"/tmp/x\")"),
    ("reads a file", "x0 = torch.from_file(\"/tmp/x\", True, 4)"),
    ("reads a file with the operator's full name", "x0 = ops.aten.from_file(\"/tmp/x\", True, 4)"),
    ("reads a picture", "x0 = ops.image.read_file(\"/tmp/x\")"),
    ("writes a picture", "x0 = ops.image.write_file(\"/tmp/x\", x)"),
    ("leaves the interpreter", "x0 = ops.prim.PythonOp(x)"),
    ("computes a text", "x0 = eval(\"1\")"),
    ("names a function of the system", "x0 = os.system(\"true\")"),
    ("imports a module", "x0 = __import__(\"os\")"),
];

/// What the program does, and its body.
const BENIGN: &[(&str, &str)] = &[
    ("adds", "x0 = torch.add(x, 1)"),
    ("has a layer", "_0 = torch.linear(x, x, None)\n    x0 = torch.relu_(_0)"),
    (
        "loops and chooses",
        "_0 = torch.gt(torch.len(torch.size(x)), 1)\n    for i in range(4):\n      if _0:\n        x1 = torch.mul(x, i)\n      else:\n        ops.prim.RaiseException(\"no\", \"builtins.RuntimeError\")",
    ),
    (
        "has texts and lists",
        "_0 = annotate(List[int], [])\n    _1 = torch.append(_0, 1)\n    _2 = torch.format(\"{} {}\", _0, -inf)\n    print(_2)",
    ),
    ("finds boxes", "_0 = ops.torchvision.nms(x, x, 0.5)"),
    ("is quantised", "_0 = ops.quantized.linear_dynamic(x, unchecked_cast(Tensor, x), True)"),
    (
        "waits",
        "def __forked_function():\n      return torch.add(x, 1)\n    fut = fork(__forked_function)\n    _0 = torch.wait(fut)",
    ),
];

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = HOSTILE.iter().map(|(what, line)| {
        Sample::hostile(FAMILY, *what, "net.pt", archive(&module(line)), &["PTH003", "PTH006"])
    });
    let benign =
        BENIGN.iter().map(|(what, body)| Sample::benign(FAMILY, *what, "net.pt", archive(&module(body))));
    hostile.chain(benign).collect()
}
