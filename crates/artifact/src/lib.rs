//! Bounded, non-executing readers of model files, one file per format, and the rules over them.
