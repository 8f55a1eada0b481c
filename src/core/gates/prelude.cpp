#include "core/gates/prelude.hpp"

#include <algorithm>

namespace signalbox::gates {
namespace {

constexpr std::string_view kPrelude = R"jq(
def _at(p): (try ([path(p)] | if length == 1 then .[0] | map(if type == "string" then "." + . else "[" + tostring + "]" end) | add else null end) catch null) // "a value";
def _one(p): [p] as $all
  | if ($all | length) != 1 then error("\(_at(p)): \($all | length) values where one is needed")
    elif $all[0] == null then error("\(_at(p)): missing or null")
    elif ($all[0] | type) == "number" and ($all[0] | isnan) then error("\(_at(p)): not a number (NaN)")
    else $all[0] end;
def need(p; $kind): _one(p) as $value
  | if ($value | type) == $kind then $value else error("\(_at(p)): \($value | type) where \($kind) is needed") end;
def num(p): need(p; "number");
def str(p): need(p; "string");
def bool(p): need(p; "boolean");
def arr(p): need(p; "array");
def obj(p): need(p; "object");
def _pair(p; v): [_one(p), _one(v)]
  | if (.[0] | type) == (.[1] | type) then . else error("\(.[0] | type) compared with \(.[1] | type)") end;
def eq(p; v): _pair(p; v) | .[0] == .[1];
def ne(p; v): _pair(p; v) | .[0] != .[1];
def lt(p; v): [num(p), num(v)] | .[0] < .[1];
def le(p; v): [num(p), num(v)] | .[0] <= .[1];
def gt(p; v): [num(p), num(v)] | .[0] > .[1];
def ge(p; v): [num(p), num(v)] | .[0] >= .[1];
def between(p; lo; hi): [num(p), num(lo), num(hi)] | .[0] >= .[1] and .[0] <= .[2];
def none(p): arr(p) | length == 0;
def every(p; f): _at(p) as $at | _one(p)
  | if type != "array" and type != "object" then error("\($at): \(type) where an array or object is needed")
    elif length == 0 then error("\($at): empty where something is needed")
    else reduce .[] as $item (true; . as $sofar | ($item | bool(f)) and $sofar) end;
)jq";

}  // namespace

std::string_view prelude() {
  return kPrelude;
}

int prelude_lines() {
  return static_cast<int>(std::count(kPrelude.begin(), kPrelude.end(), '\n'));
}

}  // namespace signalbox::gates
