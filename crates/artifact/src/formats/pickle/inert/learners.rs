//! Learners that keep to the interface of scikit-learn: `XGBoost` 1.0 to 3.2, `LightGBM` 2.3 to 4.7, `CatBoost`,
//! imbalanced-learn and smaller ones.
//!
//! The table was made by walking the sources of the releases named above: a class is listed where no method that loading
//! can reach opens files, imports by name, evaluates text, starts programs or threads, or loads native code. Compiled
//! classes were taken by name.

use super::{Family, held, made};

const ESTIMATOR: &str = "keeps its parameters as they are, and the state goes into the object's dictionary";
const BOOSTER: &str = "filled from its state, the library's own reader takes a model from bytes; its initialiser would open a path, and may not be called";
const WRAPPER: &str = "computes a distance; no class among them calls a function of the stream";
const FUNCTION: &str = "a function that a model keeps for later; it prints a line or computes a number";

/// Sorted by module; a module has a row for each use and reason.
pub(super) const FAMILIES: &[Family] = &[
    made(
        "catboost.core",
        &["CatBoost", "CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor"],
        BOOSTER,
    ),
    made("category_encoders._contrasts", &["ContrastMatrix", "Diff", "Helmert", "Poly", "Sum"], ESTIMATOR),
    made("category_encoders.backward_difference", &["BackwardDifferenceEncoder"], ESTIMATOR),
    made("category_encoders.binary", &["BinaryEncoder"], ESTIMATOR),
    made("category_encoders.cat_boost", &["CatBoostEncoder"], ESTIMATOR),
    made("category_encoders.count", &["CountEncoder"], ESTIMATOR),
    made("category_encoders.count_target", &["CountTargetEncoder"], ESTIMATOR),
    made("category_encoders.glmm", &["GLMMEncoder"], ESTIMATOR),
    made("category_encoders.gray", &["GrayEncoder"], ESTIMATOR),
    made("category_encoders.helmert", &["HelmertEncoder"], ESTIMATOR),
    made("category_encoders.james_stein", &["JamesSteinEncoder"], ESTIMATOR),
    made("category_encoders.leave_one_out", &["LeaveOneOutEncoder"], ESTIMATOR),
    made("category_encoders.m_estimate", &["MEstimateEncoder"], ESTIMATOR),
    made("category_encoders.multi_hot", &["MultiHotEncoder"], ESTIMATOR),
    made("category_encoders.one_hot", &["OneHotEncoder"], ESTIMATOR),
    made("category_encoders.ordinal", &["OrdinalEncoder"], ESTIMATOR),
    made("category_encoders.polynomial", &["PolynomialEncoder"], ESTIMATOR),
    made("category_encoders.quantile_encoder", &["QuantileEncoder", "SummaryEncoder"], ESTIMATOR),
    made("category_encoders.rankhot", &["RankHotEncoder"], ESTIMATOR),
    made("category_encoders.sum_coding", &["SumEncoder"], ESTIMATOR),
    made("category_encoders.target_encoder", &["TargetEncoder"], ESTIMATOR),
    made("category_encoders.utils", &["EncoderTags", "EncodingRelation"], ESTIMATOR),
    made("category_encoders.woe", &["WOEEncoder"], ESTIMATOR),
    made("category_encoders.wrapper", &["NestedCVWrapper", "PolynomialWrapper"], ESTIMATOR),
    made(
        "hdbscan.dist_metrics",
        &[
            "BrayCurtisDistance",
            "CanberraDistance",
            "ChebyshevDistance",
            "EuclideanDistance",
            "HammingDistance",
            "HaversineDistance",
            "ManhattanDistance",
            "MinkowskiDistance",
            "newObj",
        ],
        WRAPPER,
    ),
    made("hdbscan.hdbscan_", &["HDBSCAN"], ESTIMATOR),
    made(
        "hdbscan.plots",
        &["ApproximationGraph", "CondensedTree", "MinimumSpanningTree", "SingleLinkageTree"],
        ESTIMATOR,
    ),
    made("hdbscan.prediction", &["PredictionData"], ESTIMATOR),
    made("hdbscan.robust_single_linkage_", &["RobustSingleLinkage"], ESTIMATOR),
    made("hmmlearn.base", &["ConvergenceMonitor", "VariationalBaseHMM", "_AbstractHMM"], ESTIMATOR),
    made(
        "hmmlearn.hmm",
        &["CategoricalHMM", "GMMHMM", "GaussianHMM", "MultinomialHMM", "PoissonHMM"],
        ESTIMATOR,
    ),
    made("hmmlearn.vhmm", &["VariationalCategoricalHMM", "VariationalGaussianHMM"], ESTIMATOR),
    made("imblearn.base", &["BaseSampler", "FunctionSampler"], ESTIMATOR),
    made("imblearn.combine._smote_enn", &["SMOTEENN"], ESTIMATOR),
    made("imblearn.combine._smote_tomek", &["SMOTETomek"], ESTIMATOR),
    made("imblearn.ensemble._bagging", &["BalancedBaggingClassifier"], ESTIMATOR),
    made("imblearn.ensemble._easy_ensemble", &["EasyEnsembleClassifier"], ESTIMATOR),
    made("imblearn.ensemble._forest", &["BalancedRandomForestClassifier"], ESTIMATOR),
    made("imblearn.ensemble._weight_boosting", &["RUSBoostClassifier"], ESTIMATOR),
    made("imblearn.metrics.pairwise", &["ValueDifferenceMetric"], ESTIMATOR),
    made("imblearn.model_selection._split", &["InstanceHardnessCV"], ESTIMATOR),
    made("imblearn.over_sampling._adasyn", &["ADASYN"], ESTIMATOR),
    made("imblearn.over_sampling._random_over_sampler", &["RandomOverSampler"], ESTIMATOR),
    made("imblearn.over_sampling._smote.base", &["BaseSMOTE", "SMOTE", "SMOTEN", "SMOTENC"], ESTIMATOR),
    made("imblearn.over_sampling._smote.cluster", &["KMeansSMOTE"], ESTIMATOR),
    made("imblearn.over_sampling._smote.filter", &["BorderlineSMOTE", "SVMSMOTE"], ESTIMATOR),
    made("imblearn.over_sampling.base", &["BaseOverSampler"], ESTIMATOR),
    made("imblearn.pipeline", &["Pipeline"], ESTIMATOR),
    made(
        "imblearn.under_sampling._prototype_generation._cluster_centroids",
        &["ClusterCentroids"],
        ESTIMATOR,
    ),
    made(
        "imblearn.under_sampling._prototype_selection._condensed_nearest_neighbour",
        &["CondensedNearestNeighbour"],
        ESTIMATOR,
    ),
    made(
        "imblearn.under_sampling._prototype_selection._edited_nearest_neighbours",
        &["AllKNN", "EditedNearestNeighbours", "RepeatedEditedNearestNeighbours"],
        ESTIMATOR,
    ),
    made(
        "imblearn.under_sampling._prototype_selection._instance_hardness_threshold",
        &["InstanceHardnessThreshold"],
        ESTIMATOR,
    ),
    made("imblearn.under_sampling._prototype_selection._nearmiss", &["NearMiss"], ESTIMATOR),
    made(
        "imblearn.under_sampling._prototype_selection._neighbourhood_cleaning_rule",
        &["NeighbourhoodCleaningRule"],
        ESTIMATOR,
    ),
    made(
        "imblearn.under_sampling._prototype_selection._one_sided_selection",
        &["OneSidedSelection"],
        ESTIMATOR,
    ),
    made(
        "imblearn.under_sampling._prototype_selection._random_under_sampler",
        &["RandomUnderSampler"],
        ESTIMATOR,
    ),
    made("imblearn.under_sampling._prototype_selection._tomek_links", &["TomekLinks"], ESTIMATOR),
    made("imblearn.under_sampling.base", &["BaseCleaningSampler", "BaseUnderSampler"], ESTIMATOR),
    made("lightgbm.basic", &["Booster"], BOOSTER),
    made("lightgbm.callback", &["EarlyStopException"], ESTIMATOR),
    made("lightgbm.engine", &["CVBooster"], BOOSTER),
    made("lightgbm.sklearn", &["LGBMClassifier", "LGBMModel", "LGBMRanker", "LGBMRegressor"], ESTIMATOR),
    made(
        "xgboost.callback",
        &[
            "CallbackContainer",
            "EarlyStopping",
            "EvaluationMonitor",
            "LearningRateScheduler",
            "TrainingCallback",
            "TrainingCheckPoint",
        ],
        ESTIMATOR,
    ),
    held("xgboost.collective", &["communicator_print"], FUNCTION),
    made("xgboost.compat", &["XGBoostLabelEncoder"], ESTIMATOR),
    made("xgboost.core", &["Booster"], BOOSTER),
    made(
        "xgboost.sklearn",
        &[
            "XGBClassifier",
            "XGBModel",
            "XGBRFClassifier",
            "XGBRFRegressor",
            "XGBRanker",
            "XGBRankerMixIn",
            "XGBRegressor",
        ],
        ESTIMATOR,
    ),
];
