"""What is wrong with an op's operands or attributes, said once for eager mode, tracing and the verifier.

Codes: TFC0xx belong to tracing, TFC1xx to inference of ops, TFC2xx to run-time failures, TFC3xx to files,
caches and tools. `frontend/errors/codes.md` explains each one; a test compares the two lists.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "TFC001": "a value is needed while compiling",
    "TFC002": "a tensor outlived its trace",
    "TFC004": "a generator in an `ExitStack` goes on in two ways",
    "TFC005": "async code",
    "TFC006": "a generator cannot go on",
    "TFC007": "a NumPy array is changed in place",
    "TFC008": "an item is assigned of a tensor that is one of several",
    "TFC009": "keys of different kinds at run time",
    "TFC010": "the items of a growing list are needed one by one",
    "TFC011": "a call that cannot be compiled",
    "TFC012": "a value changes its structure",
    "TFC013": "no source",
    "TFC014": "recursion to a depth that depends on a tensor",
    "TFC015": "a tape is reset, or watches a source, under a condition",
    "TFC020": "an option that does not exist",
    "TFC021": "traced again",
    "TFC022": "too many constants",
    "TFC023": "arguments do not fit a concrete function",
    "TFC024": "no such stage",
    "TFC025": "arguments do not fit the input signature",
    "TFC026": "a nan or an infinity",
    "TFC027": "compiled code differs",
    "TFC101": "operands have different dtypes",
    "TFC102": "dtype not supported by this op",
    "TFC103": "shapes do not broadcast",
    "TFC104": "axis out of range",
    "TFC105": "wrong rank",
    "TFC106": "sizes do not agree",
    "TFC107": "invalid attribute value",
    "TFC108": "not convertible to a tensor",
    "TFC109": "wrong number of operands",
    "TFC110": "result types do not follow from the operands",
    "TFC111": "ambiguous truth value",
    "TFC112": "not an integer scalar",
    "TFC113": "no length",
    "TFC114": "not hashable",
    "TFC115": "variable was deleted",
    "TFC116": "keys of a structure cannot be sorted",
    "TFC117": "structures differ",
    "TFC118": "tape used twice",
    "TFC119": "not a tensor or variable",
    "TFC120": "wrong number of gradients",
    "TFC121": "no elements along an axis",
    "TFC122": "no gradient here",
    "TFC123": "a variable is changed by +=",
    "TFC201": "index out of range",
    "TFC202": "integer division by zero",
    "TFC203": "integer to a negative power",
    "TFC204": "assertion failed",
    "TFC205": "a host function returned something else than declared",
    "TFC206": "a factorisation failed",
    "TFC207": "a mask of another size",
    "TFC208": "no memory",
    "TFC301": "file cannot be read or written",
    "TFC302": "IR does not parse",
    "TFC303": "IR is not valid",
    "TFC304": "wrong command line",
    "TFC305": "a pass failed",
    "TFC306": "a module cannot be run like this",
    "TFC307": "no code can be generated",
    "TFC308": "an assertion of the program failed",
}


class OpError(Exception):
    """A constraint of an op that does not hold.

    `code` is a key of `CODES`, `message` states what was got and what was expected, `fix` is one edit to make.
    """

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"
