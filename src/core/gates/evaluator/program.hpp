// jq 1.6 behind plain values: compiled conditions, and the answer of one over one input. The only file that
// sees libjq.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/gates/protocol.hpp"

namespace signalbox::gates {

// A JSON value as libjq holds it.
class Value {
 public:
  static Value parse(std::string_view json);  // not valid where it is no JSON
  Value();
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(Value other) noexcept;
  ~Value();
  bool valid() const;

 private:
  friend class Program;
  struct Hold;
  std::unique_ptr<Hold> hold_;
};

// One compiled condition.
class Program {
 public:
  // Nothing where it does not compile; `why` then says so in jq's words, lines counted in the condition.
  static std::unique_ptr<Program> compile(const std::string& expression, std::string& why);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The variant at that place of an array of variants (protocol::Request), applied to the input; with no
  // variants the input itself. Takes as long and as much memory as it likes: call it in a child.
  protocol::Answer evaluate(const Value& input, const Value& variants, std::size_t index) const;

 private:
  struct State;
  Program();
  std::unique_ptr<State> state_;
};

// The conditions compiled last, at most 256.
class ProgramCache {
 public:
  const Program* find_or_compile(const std::string& expression, std::string& why);

 private:
  static constexpr std::size_t kMaxPrograms = 256;
  struct Compiled {
    std::string expression;
    std::unique_ptr<Program> program;
  };
  std::list<Compiled> programs_;  // the one used last in front
};

// In an evaluation: where memory runs out the process ends with this exit code, without a word.
inline constexpr int kExitOutOfMemory = 3;

}  // namespace signalbox::gates
