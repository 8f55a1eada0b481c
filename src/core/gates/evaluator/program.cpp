#include "core/gates/evaluator/program.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <unistd.h>

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include "core/gates/expression.hpp"
#include "core/gates/prelude.hpp"

namespace signalbox::gates {
namespace {

using protocol::Answer;
using protocol::Kind;

std::string text_of(jv value) {
  const jv text = jv_get_kind(value) == JV_KIND_STRING ? value : jv_dump_string(value, 0);
  std::string out(jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
  jv_free(text);
  return out;
}

// Collects what jq says of a condition that does not compile.
void collect(void* messages, jv message) {
  std::string& out = *static_cast<std::string*>(messages);
  if (!out.empty()) out += '\n';
  out += text_of(message);
}

void discard(void*, jv message) {
  jv_free(message);
}

void end_without_memory(void*) {
  ::_exit(kExitOutOfMemory);
}

// "jq: error: syntax error, unexpected ')' (Unix shell quoting issues?) at <top-level>, line 29:\n…" →
// "line 1: syntax error, unexpected ')'".
std::string in_our_words(std::string_view messages) {
  std::string_view first = messages.substr(0, messages.find('\n'));
  for (const std::string_view prefix : {"jq: ", "error: "}) {
    if (first.starts_with(prefix)) first.remove_prefix(prefix.size());
  }
  static constexpr std::string_view kPlace = " at <top-level>, line ";
  const std::size_t place = first.find(kPlace);
  if (place == std::string_view::npos) return std::string(first);
  int line = 0;
  const char* const digits = first.data() + place + kPlace.size();
  std::from_chars(digits, first.data() + first.size(), line);
  std::string_view what = first.substr(0, place);
  what = what.substr(0, what.find(" (Unix shell quoting"));
  return "line " + std::to_string(std::max(1, line - prelude_lines())) + ": " + std::string(what);
}

Answer not_boolean(std::string what) {
  return {Kind::not_boolean, std::move(what)};
}

Answer error_of(jv invalid) {
  return {Kind::error, text_of(jv_invalid_get_msg(invalid))};
}

// The one value a condition gave, or why there is no such value. jq gives the next output at each call, an
// invalid value without message at the end, one with a message where it failed.
Answer run(jq_state* jq, jv input) {
  jq_start(jq, input, 0);
  const jv first = jq_next(jq);
  if (!jv_is_valid(first)) {
    if (jv_invalid_has_msg(jv_copy(first))) return error_of(first);
    jv_free(first);
    return not_boolean("it gave nothing");
  }
  const jv_kind kind = jv_get_kind(first);
  const std::string name = jv_kind_name(kind);
  jv_free(first);
  const jv second = jq_next(jq);
  if (jv_is_valid(second)) {
    jv_free(second);
    return not_boolean("it gave more than one value");
  }
  if (jv_invalid_has_msg(jv_copy(second))) return error_of(second);
  jv_free(second);
  if (jq_halted(jq) != 0) return not_boolean("it halted");
  if (kind == JV_KIND_TRUE) return {Kind::yes, {}};
  if (kind == JV_KIND_FALSE) return {Kind::no, {}};
  return not_boolean("it gave a value of type " + name);
}

// The variant of the input that one element of the variants describes.
jv vary(jv input, jv variant) {
  const jv paths = jv_object_get(jv_copy(variant), jv_string("paths"));
  const bool sets = jv_object_has(jv_copy(variant), jv_string("value")) != 0;
  if (jv_get_kind(paths) != JV_KIND_ARRAY) {
    jv_free(paths);
    jv_free(variant);
    jv_free(input);
    return jv_invalid_with_msg(jv_string("a variant without paths"));
  }
  if (!sets) {
    jv_free(variant);
    return jv_delpaths(input, paths);
  }
  const jv value = jv_object_get(variant, jv_string("value"));
  const int count = jv_array_length(jv_copy(paths));
  for (int i = 0; i < count && jv_is_valid(input); ++i)
    input = jv_setpath(input, jv_array_get(jv_copy(paths), i), jv_copy(value));
  jv_free(value);
  jv_free(paths);
  return input;
}

}  // namespace

struct Value::Hold {
  jv value;
};

Value::Value() = default;
Value::Value(const Value& other)
    : hold_(other.hold_ ? std::make_unique<Hold>(Hold{jv_copy(other.hold_->value)}) : nullptr) {}
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(Value other) noexcept {
  std::swap(hold_, other.hold_);
  return *this;
}
Value::~Value() {
  if (hold_) jv_free(hold_->value);
}

Value Value::parse(std::string_view json) {
  Value out;
  out.hold_ = std::make_unique<Hold>(Hold{jv_parse_sized(json.data(), static_cast<int>(json.size()))});
  return out;
}

bool Value::valid() const {
  return hold_ && jv_is_valid(jv_copy(hold_->value));
}

struct Program::State {
  jq_state* jq = nullptr;
};

Program::Program() : state_(std::make_unique<State>()) {}

Program::~Program() {
  if (state_->jq != nullptr) jq_teardown(&state_->jq);
}

std::unique_ptr<Program> Program::compile(const std::string& expression, std::string& why) {
  const auto tokens = scan_expression(expression);
  const Status pure = tokens ? refuse_impure(*tokens) : Status(fail(tokens.error()));
  if (!pure) {
    why = pure.error().message;
    return nullptr;
  }
  if (tokens->empty()) {
    why = "an empty expression";
    return nullptr;
  }
  std::unique_ptr<Program> program(new Program());
  jq_state* const jq = program->state_->jq = jq_init();
  if (jq == nullptr) {
    why = "jq does not start";
    return nullptr;
  }
  std::string messages;
  jq_set_error_cb(jq, collect, &messages);
  jq_set_debug_cb(jq, discard, nullptr);
  jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
  const bool compiled = jq_compile(jq, (std::string(prelude()) + expression).c_str()) != 0;
  jq_set_error_cb(jq, discard, nullptr);
  if (!compiled) {
    why = in_our_words(messages);
    return nullptr;
  }
  return program;
}

Answer Program::evaluate(const Value& input, const Value& variants, std::size_t index) const {
  jq_set_nomem_handler(state_->jq, end_without_memory, nullptr);
  jv value = jv_copy(input.hold_->value);
  if (variants.valid()) {
    value = vary(value, jv_array_get(jv_copy(variants.hold_->value), static_cast<int>(index)));
    if (!jv_is_valid(value)) return error_of(value);
  }
  return run(state_->jq, value);
}

const Program* ProgramCache::find_or_compile(const std::string& expression, std::string& why) {
  const auto found = std::find_if(programs_.begin(), programs_.end(),
                                  [&](const Compiled& one) { return one.expression == expression; });
  if (found != programs_.end()) {
    programs_.splice(programs_.begin(), programs_, found);
    return programs_.front().program.get();
  }
  std::unique_ptr<Program> program = Program::compile(expression, why);
  if (program == nullptr) return nullptr;
  if (programs_.size() >= kMaxPrograms) programs_.pop_back();
  programs_.push_front({expression, std::move(program)});
  return programs_.front().program.get();
}

}  // namespace signalbox::gates
