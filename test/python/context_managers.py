"""Context managers."""

from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress

from python.harness import Table, t

table = Table("Context managers")
row = table.row
X = ((t(1.0),), (t(-2.0),), (t(0.0),))


class Ctx:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, t, v, tb):
        self.log.append("out" if t is None else t.__name__)
        return t is ValueError


@row(*X)
def with_ctx(x):
    log = []
    with Ctx(log) as c:
        if x > 0:
            raise ValueError("v")
        c.log.append("body")
    return log


@row(*X)
def with_ctx_ret(x):
    log = []

    def f():
        with Ctx(log):
            if x > 0:
                return 1
            log.append("more")
        return 2

    return f(), log


@contextmanager
def doubled(log, k):
    log.append(k)
    try:
        yield k * 2
    finally:
        log.append(-k)


@row(*X)
def with_gen(x):
    log = []
    with doubled(log, 3) as a, doubled(log, a) as b:
        if x > 0:
            log.append(b)
    return log


@contextmanager
def noted(log):
    log.append("in")
    try:
        yield 5
    except ValueError:
        log.append("caught")
    finally:
        log.append("out")


@row(*X)
def cm_raise(x):
    log = []
    with noted(log) as k:
        if x > 0:
            raise ValueError("v")
        log.append("b")
    return log


@row(*X)
def cm_static_raise(x):
    log = []
    with noted(log) as k:
        raise ValueError("v")
    return log, x


@row(*X)
def cm_return(x):
    log = []

    def f():
        with noted(log) as k:
            if x > 0:
                return k * x
            log.append("b")
        return x

    return f(), log


@contextmanager
def guard(name):
    try:
        yield name
    except ValueError as e:
        print("caught", name, e)
    finally:
        print("leave", name)


@contextmanager
def plain():
    print("in")
    yield 3
    print("out")


@row(t(1.0), t(-1.0))
def raised_at_the_yield(x):
    with guard("g"):
        if x > 0:
            raise ValueError("pos")
        x = x * 2
    return x + 1


@row(t(1.0), t(-1.0))
def returned_at_the_yield(x):
    with guard("g"):
        if x > 0:
            return x * 10
        x = x * 2
    return x + 1


@row(t(1.0), t(-1.0))
def nothing_catches(x):
    with plain() as k:
        if x > 0:
            raise KeyError("k")
        x = x * k
    return x + 1


@row(t([1, 2, 3]), t([1, -2, 3]), t([0]))
def in_a_loop(v):
    s = 0
    for a in v:
        with guard("l"):
            if a < 0:
                break
            if a == 2:
                continue
            if a == 0:
                raise ValueError("zero")
            s += a
        s += 100
    return s


@row(t(1.0), t(-1.0), t(5.0))
def another_exception(x):
    @contextmanager
    def conv():
        try:
            yield
        except ValueError as e:
            raise KeyError("converted") from e

    try:
        with conv():
            if x > 0:
                raise ValueError("v")
            x = x - 1
    except KeyError as e:
        return x * 100, str(e)
    return x, "ok"


@row(t(1.0), t(-1.0))
def suppressed(x):
    y = x
    with suppress(ValueError):
        y = x + 1
        if x > 0:
            raise ValueError
        y = x + 2
    return y


@row(t(1.0), t(-1.0))
def other_exceptions_are_not_suppressed(x):
    y = x
    try:
        with suppress(ValueError, KeyError):
            y = x + 1
            if x > 0:
                raise IndexError("bad")
            y = x + 2
    except IndexError as e:
        y = -y
    return y


class Resource:
    def __init__(self):
        self.closed = 0

    def close(self):
        self.closed += 1
        print("close")


@row(t(1.0), t(-1.0))
def closed(x):
    r = Resource()
    with closing(r) as q:
        if x > 0:
            return x, q.closed
        x = x + 1
    return x, r.closed


@row(t(1.0), t(-1.0))
def closed_by_an_exception(x):
    r = Resource()
    try:
        with closing(r):
            if x > 0:
                raise ValueError("a")
    except ValueError:
        x = x * 3
    return x, r.closed


@row(t(1.0), t(-1.0))
def nothing_to_leave(x):
    with nullcontext(x) as y:
        if y > 0:
            return y
    return y * 2


@row(t(1.0), t(-1.0))
def one_of_two(x):
    cm = guard("x") if x > 0 else nullcontext()
    with cm:
        x = x + 1
    return x


@row(t(1.0), t(-1.0))
def called_back(x):
    out = []
    with ExitStack() as st:
        st.callback(out.append, 1)
        st.callback(print, "two")
        if x > 0:
            return x, out
        x = x * 3
    return x, out


@row(t(1.0), t(-1.0))
def entered_in_a_stack(x):
    with ExitStack() as st:
        a = st.enter_context(guard("a"))
        r = st.enter_context(closing(Resource()))
        x = x * 3
    return x, r.closed


@row(t(1.0), t(-1.0))
def suppressed_in_a_stack(x):
    r = Resource()
    try:
        with ExitStack() as st:
            st.enter_context(closing(r))
            st.enter_context(suppress(ValueError))
            if x > 0:
                raise ValueError("q")
            raise KeyError("z")
    except KeyError:
        return x, r.closed
    return x * 7, r.closed


@row(t(1.0), t(-1.0))
def called_back_on_some_paths(x):
    with ExitStack() as st:
        if x > 0:
            st.callback(print, "positive")
        st.callback(print, "always")
        x = x + 1
    return x


@row(t(1.0), t(-1.0))
def told_of_the_exception(x):
    seen = []

    def on_exit(kind, err, tb):
        seen.append("exit" if kind is None else kind.__name__)
        return True

    with ExitStack() as st:
        st.push(on_exit)
        if x > 0:
            raise ValueError("a")
    return x, seen


@row(t(1.0), t(-1.0))
def nothing_to_call_back(x):
    with ExitStack() as st:
        st.callback(print, "cleanup")
        if x > 0:
            st.pop_all()
    return x


@row(t(1.0), t(-1.0), refused="TFC004")
def generator_in_a_stack(x):
    with ExitStack() as st:
        st.enter_context(guard("a"))
        st.enter_context(guard("b"))
        if x > 0:
            raise ValueError("q")
        x = x * 2
    return x


@row(t(1.0), t(-1.0))
def as_a_decorator(x):
    @guard("deco")
    def f(v):
        if v > 0:
            raise ValueError("v")
        return v * 2

    return f(x)


@row(t(1.0), t(-1.0))
def two_of_them(x):
    with guard("a"), guard("b") as b:
        if x > 0:
            raise ValueError("in " + b)
        x = x * 2
    return x


@row(t(3), t(0))
def in_a_while_loop(n):
    i = 0
    while i < n:
        with guard("w"):
            i += 1
            if i == 2:
                raise ValueError(f"i={i}")
    return i


@contextmanager
def temp(d, k, v):
    old = d[k]
    d[k] = v
    try:
        yield d
    finally:
        d[k] = old


@row(t(1.0), t(-1.0))
def restored(x):
    d = {"a": x}
    try:
        with temp(d, "a", x * 10):
            y = d["a"]
            if x > 0:
                raise ValueError("r")
            y = y + 1
    except ValueError:
        pass
    return y, d["a"]


class Timer:
    @contextmanager
    def measure(self, x):
        self.n = 1
        try:
            yield self
        finally:
            self.n = x * 2


@row(t(1.0), t(-1.0))
def method_as_context(x):
    tm = Timer()
    with tm.measure(x) as s:
        k = s.n
        if x > 0:
            return tm, k
    return tm, k


@row(t(1.0), t(-1.0))
def yields_on_two_paths(x):
    @contextmanager
    def c():
        if x > 0:
            yield 1.0
        else:
            yield x

    with c() as y:
        z = y + 1
    return z


@row(t(1), t(-1))
def the_generator_still_holds_the_list(x):
    @contextmanager
    def shorter(items):
        yield
        items.pop()

    first = items = [1, 2, 3]
    with shorter(items):
        if x > 0:
            items.append(x)
        else:
            items = []
    return first, items
