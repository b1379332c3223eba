"""Words of methods that no page for people may show."""

import re

METHOD_WORDS = (
    "gower", "rand index", "medoid", "topsis", "promethee", "dual ascent", "p10", "p90", "percentile",
    "quantile", "monte carlo", "imputed", "imputation", "archetype", "stochastic", "regression", "silhouette",
    "sobol", "z-score", "standard deviation", "nan", "null", "undefined", "dataframe",
)  # fmt: skip


def method_words_in(text):
    """Return the method words that a text shows."""
    return [
        word for word in METHOD_WORDS if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text.lower())
    ]
