#include "core/gates/prelude.hpp"

#include <algorithm>

namespace signalbox::gates {
namespace {

// jq 1.6's `try` also catches what fails after it, unless all of it is collected first: hence the one in
// brackets, and no `//`, whose left side is a `try` too. plain_condition.cpp says the same without jq.
constexpr std::string_view kPrelude = R"jq(
def _at(p): [try path(p) catch null]
  | if length == 1 and .[0] != null then .[0] | map(if type == "string" then "." + . else "[" + tostring + "]" end) | add
    else null end
  | if . == null then "a value" else . end;
def _one(p): [p] as $all
  | if ($all | length) != 1 then error(_at(p) + ": \($all | length) values where one is needed")
    elif $all[0] == null then error(_at(p) + ": missing or null")
    elif ($all[0] | type) == "number" and ($all[0] | isnan) then error(_at(p) + ": not a number (NaN)")
    else $all[0] end;
def need(p; $kind): _one(p) as $value
  | if ($value | type) == $kind then $value else error(_at(p) + ": \($value | type) where \($kind) is needed") end;
def num(p): need(p; "number");
def str(p): need(p; "string");
def bool(p): need(p; "boolean");
def arr(p): need(p; "array");
def obj(p): need(p; "object");
def _same(p; $a; $b):
  if ($a | type) == ($b | type) then $a == $b else error(_at(p) + ": \($a | type) compared with \($b | type)") end;
def eq(p; v): _one(p) as $a | _one(v) as $b | _same(p; $a; $b);
def ne(p; v): eq(p; v) | not;
def lt(p; v): num(p) as $a | num(v) as $b | $a < $b;
def le(p; v): num(p) as $a | num(v) as $b | $a <= $b;
def gt(p; v): num(p) as $a | num(v) as $b | $a > $b;
def ge(p; v): num(p) as $a | num(v) as $b | $a >= $b;
def between(p; lo; hi): num(p) as $a | num(lo) as $lo | num(hi) as $hi | $a >= $lo and $a <= $hi;
def none(p): arr(p) | length == 0;
def every(p; f): _one(p) as $all
  | if ($all | type) != "array" and ($all | type) != "object" then error(_at(p) + ": \($all | type) where an array or object is needed")
    elif ($all | length) == 0 then error(_at(p) + ": empty where something is needed")
    else reduce $all[] as $item (true; . as $sofar | ($item | bool(f)) and $sofar) end;
)jq";

}  // namespace

std::string_view prelude() {
  return kPrelude;
}

int prelude_lines() {
  return static_cast<int>(std::count(kPrelude.begin(), kPrelude.end(), '\n'));
}

}  // namespace signalbox::gates
