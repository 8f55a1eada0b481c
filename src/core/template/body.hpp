// A template taken apart.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/template/template.hpp"

namespace signalbox::templates {

// A value that an action asks for.
struct Operand {
  enum class Kind { here, whole, literal } kind = Kind::here;
  std::vector<std::string> members;  // of `.`, or of the whole
  Json literal;
  std::size_t at = 0;  // offset in the template
};

// A function with what it is given, or an operand alone.
struct Call {
  std::string function;  // empty: the operand
  std::vector<Operand> operands;
  std::size_t at = 0;
};

// What each gives is the last thing given to the next.
using Pipeline = std::vector<Call>;

struct Node {
  enum class Kind { text, print, branch, loop, with } kind = Kind::text;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> then;
  std::vector<Node> otherwise;
  std::size_t at = 0;
};

struct Template::Body {
  std::string name;
  std::string source;
  std::vector<Node> nodes;
};

// An error at an offset: name:line:column.
tl::unexpected<Error> wrong_at(const std::string& name, std::string_view source, std::size_t at,
                               std::string_view what, std::string hint = {});
// How many operands a function takes; absent: there is no such function.
struct Arity {
  std::size_t least;
  std::size_t most;
};
const Arity* arity_of(std::string_view function);

}  // namespace signalbox::templates
