//! Framework ids, names, paraphrases and crosswalks; the controls catalogue.
