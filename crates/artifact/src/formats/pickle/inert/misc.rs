//! Libraries of which a few classes are kept in pickles: joblib, spaCy, thinc, Keras, JAX, Flax, optax, gensim, lightning,
//! omegaconf and others. Classes were checked as those of the large libraries were; functions and compiled types were read by themselves.

use super::{Family, called, held, made};

const RECORD: &str = "keeps what it is given";
const MADE: &str =
    "its state goes into the object's dictionary; its initialiser was not looked at, and may not be called";
const JAX: &str =
    "calls the constructor of an array that it is given, which the stream imports by a name that is judged";
const FUNCTION: &str = "computes a number, or raises an error";

/// Sorted by module; a module has a row for each use and reason.
pub(super) const FAMILIES: &[Family] = &[
    made("addict.addict", &["Dict"], MADE),
    made("easydict", &["EasyDict"], MADE),
    made("fastcore.basics", &["AttrDict"], MADE),
    made("fastcore.foundation", &["L"], MADE),
    made("flax.core.frozen_dict", &["FrozenDict"], MADE),
    made("flax.nnx.statelib", &["State"], MADE),
    made("gensim.corpora.dictionary", &["Dictionary"], MADE),
    made("gensim.models.doc2vec", &["Doc2Vec", "Doctag"], MADE),
    made("gensim.models.fasttext", &["FastText"], MADE),
    made(
        "gensim.models.keyedvectors",
        &["CompatVocab", "FastTextKeyedVectors", "KeyedVectors", "Vocab", "Word2VecKeyedVectors"],
        MADE,
    ),
    made("gensim.models.ldamodel", &["LdaModel", "LdaState"], MADE),
    made("gensim.models.lsimodel", &["LsiModel", "Projection"], MADE),
    made("gensim.models.phrases", &["FrozenPhrases", "Phraser", "Phrases"], MADE),
    held("gensim.models.tfidfmodel", &["df2idf"], FUNCTION),
    made("gensim.models.tfidfmodel", &["TfidfModel"], MADE),
    made("gensim.models.word2vec", &["Word2Vec", "Word2VecTrainables", "Word2VecVocab"], MADE),
    held("gensim.utils", &["call_on_class_only", "identity"], FUNCTION),
    called("jax._src.array", &["_reconstruct_array"], JAX),
    made("joblib.memory", &["Memory"], MADE),
    made("joblib.numpy_pickle", &["NumpyArrayWrapper"], MADE),
    made("keras.src.callbacks", &["History"], MADE),
    made("keras.src.callbacks.history", &["History"], MADE),
    made("lightning.fabric.utilities.data", &["AttributeDict"], MADE),
    made("lightning.pytorch.callbacks.model_checkpoint", &["ModelCheckpoint"], MADE),
    made("lightning.pytorch.utilities.parsing", &["AttributeDict"], MADE),
    made("lightning_fabric.utilities.data", &["AttributeDict"], MADE),
    made("ml_dtypes", &["bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4"], RECORD),
    made("munch", &["DefaultMunch", "Munch"], MADE),
    made("networkx.classes.coreviews", &["AdjacencyView", "AtlasView", "MultiAdjacencyView"], MADE),
    made("networkx.classes.digraph", &["DiGraph"], MADE),
    made("networkx.classes.graph", &["Graph"], MADE),
    made("networkx.classes.multidigraph", &["MultiDiGraph"], MADE),
    made("networkx.classes.multigraph", &["MultiGraph"], MADE),
    made(
        "networkx.classes.reportviews",
        &[
            "DegreeView",
            "DiDegreeView",
            "EdgeView",
            "InDegreeView",
            "InEdgeView",
            "NodeDataView",
            "NodeView",
            "OutDegreeView",
            "OutEdgeView",
        ],
        MADE,
    ),
    made("nltk.stem.porter", &["PorterStemmer"], MADE),
    made("nltk.stem.snowball", &["EnglishStemmer", "SnowballStemmer"], MADE),
    made("nltk.stem.wordnet", &["WordNetLemmatizer"], MADE),
    made(
        "nltk.tokenize.punkt",
        &["PunktLanguageVars", "PunktParameters", "PunktSentenceTokenizer", "PunktToken", "PunktTrainer"],
        MADE,
    ),
    made("omegaconf.base", &["ContainerMetadata", "Metadata"], MADE),
    made("omegaconf.dictconfig", &["DictConfig"], MADE),
    made("omegaconf.listconfig", &["ListConfig"], MADE),
    made(
        "omegaconf.nodes",
        &[
            "AnyNode",
            "BooleanNode",
            "BytesNode",
            "EnumNode",
            "FloatNode",
            "IntegerNode",
            "PathNode",
            "StringNode",
        ],
        MADE,
    ),
    made("optax._src.base", &["EmptyState"], MADE),
    made("optax._src.transform", &["ScaleByAdamState", "ScaleByRmsState", "ScaleByScheduleState"], MADE),
    made("optax.transforms._accumulation", &["EmaState", "MultiStepsState", "TraceState"], MADE),
    made("packaging._structures", &["InfinityType", "NegativeInfinityType"], RECORD),
    made("packaging.version", &["Version"], RECORD),
    made("pytorch_lightning.callbacks.model_checkpoint", &["ModelCheckpoint"], MADE),
    made("pytorch_lightning.utilities.parsing", &["AttributeDict"], MADE),
    made("sortedcontainers.sortedlist", &["SortedList"], RECORD),
    made("yacs.config", &["CfgNode"], MADE),
];
