"""Trains small models with real libraries and saves them as the users of each library do.

Called as `save.py GROUP FOLDER`: GROUP is `rest`, or `torch`, which has an environment of its own; the files go to
FOLDER/LIBRARY. Data and seeds are fixed. What is saved does nothing but hold numbers, so that a scanner which reports
one of these files is wrong.
"""

import importlib.metadata
import logging
import pathlib
import pickle
import shutil
import sys
import warnings

import numpy

SEED = 7


def data():
    """Two classes of points that a line nearly tells apart, and a number to predict."""
    random = numpy.random.default_rng(SEED)
    points = random.normal(size=(120, 4))
    value = points @ numpy.array([1.0, -2.0, 0.5, 0.0]) + random.normal(scale=0.1, size=120)
    return points, (value > 0).astype(int), value


def save_sklearn(folder):
    import joblib
    from sklearn.cluster import KMeans
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        IsolationForest,
        RandomForestClassifier,
    )
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
    from sklearn.model_selection import GridSearchCV
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    points, label, value = data()
    texts = ["red green", "green blue", "blue red", "yellow green"] * 5
    models = {
        "linear": LinearRegression().fit(points, value),
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(points, label),
        "sgd": SGDClassifier(random_state=SEED).fit(points, label),
        "forest": RandomForestClassifier(8, random_state=SEED).fit(points, label),
        "boosting": GradientBoostingClassifier(n_estimators=5, random_state=SEED).fit(points, label),
        "histogram": HistGradientBoostingClassifier(max_iter=5, random_state=SEED).fit(points, label),
        "outliers": IsolationForest(n_estimators=8, random_state=SEED).fit(points),
        "svc": SVC(random_state=SEED).fit(points, label),
        "neighbours": KNeighborsClassifier().fit(points, label),
        "network": MLPClassifier([8], max_iter=2000, random_state=SEED).fit(points, label),
        "clusters": KMeans(2, n_init=2, random_state=SEED).fit(points),
        "search": GridSearchCV(SVC(), {"C": [0.1, 1.0]}, cv=2).fit(points, label),
        "texts": make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(texts, [0, 1, 0, 1] * 5),
        "columns": make_pipeline(
            ColumnTransformer([("one-hot", OneHotEncoder(), [0])], remainder=StandardScaler()),
            LogisticRegression(),
        ).fit(numpy.column_stack([label, points]), label),
    }
    for name, model in models.items():
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            (folder / f"{name}.protocol{protocol}.pkl").write_bytes(pickle.dumps(model, protocol))
        joblib.dump(model, folder / f"{name}.joblib")
    for method in ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"]:
        joblib.dump(models["forest"], folder / f"forest.{method}.joblib", compress=(method, 3))

    import skops.io

    for name in ["linear", "logistic", "forest", "texts"]:
        skops.io.dump(models[name], folder / f"{name}.skops")


def save_numpy(folder):
    random = numpy.random.default_rng(SEED)
    numpy.save(folder / "vector.npy", random.normal(size=9))
    numpy.save(folder / "columns.npy", numpy.asfortranarray(random.normal(size=(3, 5)).astype("float16")))
    numpy.save(folder / "record.npy", numpy.zeros(3, dtype=[("name", "U8"), ("weight", "<f8", (2,))]))
    arrays = {"w": random.normal(size=(4, 4)), "b": numpy.arange(4), "names": numpy.array(["a", "bc"])}
    numpy.savez(folder / "plain.npz", **arrays)
    numpy.savez_compressed(folder / "deflated.npz", **arrays)
    (folder / "arrays.pkl").write_bytes(pickle.dumps(arrays))
    (folder / "scalar.pkl").write_bytes(pickle.dumps({"loss": numpy.float64(0.5), "when": numpy.datetime64("2024-01-01")}))


def save_xgboost(folder):
    import joblib
    import xgboost

    points, label, value = data()
    settings = {"n_estimators": 4, "max_depth": 3, "random_state": SEED, "n_jobs": 1}
    classifier = xgboost.XGBClassifier(**settings).fit(points, label)
    regressor = xgboost.XGBRegressor(booster="gblinear", n_estimators=4, n_jobs=1).fit(points, value)
    dart = xgboost.XGBRegressor(booster="dart", **settings).fit(points, value)
    for name, model in [("classifier", classifier), ("linear", regressor), ("dart", dart)]:
        model.save_model(folder / f"{name}.json")
        model.save_model(folder / f"{name}.ubj")
    (folder / "classifier.pkl").write_bytes(pickle.dumps(classifier))
    (folder / "booster.pkl").write_bytes(pickle.dumps(classifier.get_booster()))
    joblib.dump(classifier, folder / "classifier.joblib")
    # A name that tells no format: versions before 3.1 wrote their own binary format then, newer ones write UBJSON.
    classifier.get_booster().save_model(folder / "classifier.model")


def save_lightgbm(folder):
    import joblib
    import lightgbm

    points, label, value = data()
    settings = {"n_estimators": 4, "num_leaves": 5, "random_state": SEED, "n_jobs": 1, "verbose": -1}
    classifier = lightgbm.LGBMClassifier(**settings).fit(points, label)
    classifier.booster_.save_model(folder / "classifier.txt")
    lightgbm.LGBMRegressor(boosting_type="dart", **settings).fit(points, value).booster_.save_model(folder / "dart.txt")
    (folder / "classifier.pkl").write_bytes(pickle.dumps(classifier))
    (folder / "booster.pkl").write_bytes(pickle.dumps(classifier.booster_))
    joblib.dump(classifier, folder / "classifier.joblib")


def save_keras(folder):
    import keras

    keras.utils.set_random_seed(SEED)
    points, label, _ = data()
    layers = keras.layers
    dense = keras.Sequential([layers.Input([4]), layers.Dense(8, "relu"), layers.Dropout(0.1), layers.Dense(1, "sigmoid")])
    dense.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    dense.fit(points, label, epochs=2, verbose=0)

    image = layers.Input([8, 8, 3])
    inner = layers.Conv2D(4, 3, padding="same", name="first")(image)
    inner = layers.Activation("gelu")(layers.BatchNormalization()(inner))
    inner = layers.add([inner, layers.Conv2D(4, 1)(image)])
    graph = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(inner)))

    words = layers.Input([6], dtype="int32")
    inner = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(layers.Embedding(20, 4)(words))
    inner = layers.MultiHeadAttention(2, 4)(inner, inner)
    sequence = keras.Model(words, layers.TimeDistributed(layers.Dense(2))(layers.LayerNormalization()(inner)))

    for name, model in [("dense", dense), ("graph", graph), ("sequence", sequence)]:
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        model.save_weights(folder / f"{name}.weights.h5")
        (folder / f"{name}.json").write_text(model.to_json())


def save_h5py(folder):
    import h5py

    random = numpy.random.default_rng(SEED)
    for name, version in [("earliest", "earliest"), ("latest", "latest")]:
        with h5py.File(folder / f"{name}.h5", "w", libver=version) as file:
            group = file.create_group("layer")
            group.create_dataset("plain", data=random.normal(size=(3, 4)))
            group.create_dataset("chunked", data=random.normal(size=(64, 4)), chunks=(16, 4), compression="gzip", shuffle=True)
            group.create_dataset("names", data=["a", "b"], dtype=h5py.string_dtype())
            group.attrs["epochs"] = 3
            file["soft"] = h5py.SoftLink("/layer/plain")


def save_onnx(folder):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = numpy.random.default_rng(SEED)
    weight = numpy_helper.from_array(random.normal(size=(64, 64)).astype("float32"), "weight")
    bias = numpy_helper.from_array(random.normal(size=64).astype("float32"), "bias")
    nodes = [
        helper.make_node("Gemm", ["x", "weight", "bias"], ["h"]),
        helper.make_node("Relu", ["h"], ["y"]),
    ]
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 64]) for name in "xy"]
    graph = helper.make_graph(nodes, "small", shapes[:1], shapes[1:], [weight, bias])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    onnx.checker.check_model(model)
    onnx.save(model, folder / "inside.onnx")
    for name, settings in [
        ("one", {"all_tensors_to_one_file": True, "location": "one.onnx.data"}),
        ("each", {"all_tensors_to_one_file": False}),
    ]:
        (folder / name).mkdir()
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        onnx.save(copy, folder / name / f"{name}.onnx", save_as_external_data=True, size_threshold=0, **settings)


def save_safetensors(folder):
    from safetensors.numpy import save_file

    random = numpy.random.default_rng(SEED)
    tensors = {"w": random.normal(size=(4, 4)).astype("float16"), "b": numpy.arange(4), "empty": numpy.zeros((0, 3))}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "np"})
    save_file(tensors, folder / "plain.safetensors")


def save_flax(folder):
    import jax
    import msgpack
    from flax import linen, serialization

    class Small(linen.Module):
        @linen.compact
        def __call__(self, x):
            return linen.Dense(2)(linen.LayerNorm()(linen.Dense(8)(x)))

    parameters = Small().init(jax.random.key(SEED), numpy.ones((1, 4)))
    (folder / "flax_model.msgpack").write_bytes(serialization.to_bytes(parameters))
    half = jax.tree.map(lambda array: array.astype("bfloat16"), parameters)
    (folder / "half.msgpack").write_bytes(serialization.to_bytes(half))
    (folder / "settings.msgpack").write_bytes(msgpack.packb({"layers": [8, 2], "rate": 0.1, "name": "small"}))


def save_torch(folder):
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(SEED)
    nn = torch.nn
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    image = torch.randn(2, 3, 8, 8)
    model(image)
    optimizer = torch.optim.AdamW(model.parameters())
    model(image).sum().backward()
    optimizer.step()
    state = model.state_dict()
    tied = nn.Linear(6, 6, bias=False).weight.detach()
    kinds = ["float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int8", "uint8", "int16", "int32", "int64", "bool"]
    numbers = torch.arange(12).reshape(3, 4)
    states = {
        "state": state,
        "kinds": {kind: numbers.to(getattr(torch, kind)) for kind in kinds},
        "views": {"whole": tied, "row": tied[2], "turned": tied.t(), "strided": tied[:, ::2], "scalar": torch.tensor(1.5)},
        "parameters": dict(model.named_parameters()),
    }
    # A state dict as pickled and what must come out of it: each `NAME.pt` has its `NAME.safetensors`.
    for name, tensors in states.items():
        torch.save(tensors, folder / f"{name}.pt")
        torch.save(tensors, folder / f"{name}.old.pt", _use_new_zipfile_serialization=False)
        plain = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
        save_file(plain, folder / f"{name}.safetensors")
        shutil.copy(folder / f"{name}.safetensors", folder / f"{name}.old.safetensors")
    torch.save({"model": state, "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.5}, folder / "checkpoint.ckpt")
    torch.save(model, folder / "whole.pt")
    torch.save(model, folder / "whole.old.pt", _use_new_zipfile_serialization=False)
    for name in ["whole", "whole.old"]:
        save_file(state, folder / f"{name}.safetensors")
    model.eval()
    torch.jit.trace(model, image).save(folder / "traced.jit")
    torch.jit.script(nn.Sequential(nn.Linear(4, 4), nn.ReLU())).save(folder / "scripted.jit")
    torch.export.save(torch.export.export(model, (image,)), folder / "exported.pt2")


GROUPS = {
    "rest": {
        "scikit-learn": save_sklearn,
        "numpy": save_numpy,
        "xgboost-cpu": save_xgboost,
        "lightgbm": save_lightgbm,
        "keras": save_keras,
        "h5py": save_h5py,
        "onnx": save_onnx,
        "safetensors": save_safetensors,
        "flax": save_flax,
    },
    "torch": {"torch": save_torch},
}


def main():
    group, target = sys.argv[1:]
    # Some formats are deprecated, which is why they are here.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    for library, save in GROUPS[group].items():
        folder = pathlib.Path(target) / library
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        save(folder)
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        print(f"  {library} {importlib.metadata.version(library)} saved {files} files", file=sys.stderr)


if __name__ == "__main__":
    main()
