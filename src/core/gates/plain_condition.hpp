// Conditions that need no jq: fields and literals, compared and combined with the prelude's functions. Their
// answers are those of jq 1.6 with the prelude, in its words, computed here in microseconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::gates {

// A part of a plain condition: its arguments or operands are its parts.
struct PlainTerm {
  enum class Kind {
    literal,   // a string, a number, true, false, null
    place,     // `.a.b`; without a path `.`
    typed,     // need(p; "type"), num(p) …: `text` is the type
    same,      // eq and ne: `text` is == or !=
    numbers,   // lt, le, gt, ge: `text` is the operator
    between,   // between(p; lo; hi)
    none,      // none(p)
    every,     // every(p; f)
    compared,  // jq's own == != < <= > >=: `text` is the operator
    both,      // and
    either,    // or
    negation,  // | not
    among,     // | IN("a", "b"): first the value, then the literals
  } kind = Kind::literal;
  std::string name = "a value";  // what the prelude's messages call it; `.a.b` for a place
  std::string text;
  Json literal;
  std::vector<std::string> path;
  std::vector<PlainTerm> parts;
};

class PlainCondition {
 public:
  // Nothing where it is more than that, or calls no function of the prelude: jq evaluates it.
  static std::optional<PlainCondition> parse(std::string_view expression);

  // Nothing where the answer depends on how two arrays or two objects compare, or on whose error comes first
  // among the members of an object: jq knows. `read`, where it is given, gets the values of the input that
  // were looked at, in no order: a change of any other value does not change the answer.
  std::optional<Answer> evaluate(const Json& input, std::vector<const Json*>* read = nullptr) const;

 private:
  explicit PlainCondition(PlainTerm root) : root_(std::move(root)) {}
  PlainTerm root_;
};

// The value that a path of member names and positions leads to; nullptr where it leads nowhere.
const Json* find_place(const Json& root, const Json& path);

// The answer over a variant of the input, which is changed, asked, and put back. Nothing where jq has to say.
std::optional<Answer> evaluate_variant(const PlainCondition& condition, Json& input, const Variant& variant);

}  // namespace signalbox::gates
