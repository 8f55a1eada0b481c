#include <algorithm>
#include <deque>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/template/body.hpp"

namespace signalbox::templates {
namespace {

constexpr std::size_t kBytesOfAStep = 64;

bool is_true(const Json& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_number() != 0;
  if (value.is_string()) return !value.as_string().empty();
  return value.size() > 0;
}

class Renderer {
 public:
  Renderer(const Template::Body& body, const Json& whole) : body_(body), whole_(whole) {}

  Result<std::string> render() {
    SIGNALBOX_CHECK(write(body_.nodes, whole_));
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> wrong(std::size_t at, std::string_view what, std::string hint = {}) const {
    return wrong_at(body_.name, body_.source, at, what, std::move(hint));
  }

  Status spend(const Node& node, std::size_t octets) {
    steps_ += 1 + octets / kBytesOfAStep;
    if (steps_ > kMaxSteps) return wrong(node.at, "more than ten million steps");
    if (out_.size() + octets > kMaxOutputBytes) return wrong(node.at, "more than 16 MiB of text");
    return {};
  }

  Status write(const std::vector<Node>& nodes, const Json& here) {
    for (const Node& node : nodes) SIGNALBOX_CHECK(write(node, here));
    return {};
  }

  Status write(const Node& node, const Json& here) {
    SIGNALBOX_CHECK(spend(node, node.text.size()));
    if (node.kind == Node::Kind::text) {
      out_ += node.text;
      return {};
    }
    const std::size_t made_before = made_.size();
    SIGNALBOX_TRY(const Json* value, value_of(node.pipeline, here));
    SIGNALBOX_CHECK(carry_out(node, *value, here));
    made_.resize(made_before);
    return {};
  }

  Status carry_out(const Node& node, const Json& value, const Json& here) {
    switch (node.kind) {
      case Node::Kind::text:
        return {};
      case Node::Kind::print:
        return print(node, value);
      case Node::Kind::branch:
        return write(is_true(value) ? node.then : node.otherwise, here);
      case Node::Kind::with:
        return is_true(value) ? write(node.then, value) : write(node.otherwise, here);
      case Node::Kind::loop:
        return loop(node, value, here);
    }
    return {};
  }

  Status loop(const Node& node, const Json& list, const Json& here) {
    if (!list.is_array() && !list.is_null()) return wrong(node.at, "range takes a list");
    if (list.size() == 0) return write(node.otherwise, here);
    for (const Json& item : list.items()) {
      SIGNALBOX_CHECK(spend(node, 0));
      SIGNALBOX_CHECK(write(node.then, item));
    }
    return {};
  }

  Status print(const Node& node, const Json& value) {
    if (value.is_array() || value.is_object() || value.is_null())
      return wrong(node.at, value.is_null() ? "there is no value to write" : "a list or an object is no text",
                   "{{range .x}} goes through a list, {{if .x}} asks whether there is something");
    const std::string text = value.is_string() ? std::string(value.as_string()) : value.dump();
    SIGNALBOX_CHECK(spend(node, text.size()));
    out_ += text;
    return {};
  }

  // Points into the data, the template, or `made_`.
  Result<const Json*> value_of(const Pipeline& pipeline, const Json& here) {
    const Json* last = nullptr;
    for (const Call& call : pipeline) {
      std::vector<const Json*> values;
      for (const Operand& operand : call.operands) {
        SIGNALBOX_TRY(const Json* value, value_of(operand, here));
        values.push_back(value);
      }
      if (last != nullptr) values.push_back(last);
      last = values.back();
      if (call.function.empty()) continue;
      SIGNALBOX_TRY(last, call_of(call, values));
    }
    return last;
  }

  Result<const Json*> value_of(const Operand& operand, const Json& here) const {
    if (operand.kind == Operand::Kind::literal) return &operand.literal;
    const Json* value = operand.kind == Operand::Kind::whole ? &whole_ : &here;
    for (const std::string& member : operand.members) {
      const Json* next = value->find(member);
      if (next == nullptr) {
        std::vector<std::string> names;
        for (const auto& [name, ignored] : value->members()) names.push_back(name);
        return wrong(operand.at, fmt::format("there is no .{} here", member),
                     names.empty() ? "it is no object" : "there are " + printable(join(names, ", ")));
      }
      value = next;
    }
    return value;
  }

  const Json* keep(Json value) { return &made_.emplace_back(std::move(value)); }

  Result<const Json*> call_of(const Call& call, const std::vector<const Json*>& values) {
    const std::string& name = call.function;
    for (const Json* value : values) steps_ += 1 + value->as_string().size() / kBytesOfAStep;
    if (name == "not") return keep(!is_true(*values.front()));
    if (name == "and" || name == "or") {
      const bool stops_at = name == "or";
      const auto found = std::find_if(values.begin(), values.end(),
                                      [&](const Json* value) { return is_true(*value) == stops_at; });
      return found == values.end() ? values.back() : *found;
    }
    if (name == "eq" || name == "ne") return compare(call, values);
    return of_one(call, *values.front());
  }

  // Whether the first is any of the others.
  Result<const Json*> compare(const Call& call, const std::vector<const Json*>& values) {
    for (const Json* value : values) {
      if (value->is_array() || value->is_object())
        return wrong(call.at, call.function + " takes no list and no object");
    }
    const bool is_any = std::any_of(values.begin() + 1, values.end(),
                                    [&](const Json* value) { return *value == *values.front(); });
    return keep(is_any == (call.function == "eq"));
  }

  Result<const Json*> of_one(const Call& call, const Json& value) {
    if (call.function == "len") {
      if (value.is_string()) return keep(value.as_string().size());
      if (value.is_array() || value.is_object()) return keep(value.size());
      return wrong(call.at, "len takes a text, a list or an object");
    }
    if (!value.is_string()) return wrong(call.at, call.function + " takes a text");
    if (call.function == "trim") return keep(trim(value.as_string()));
    if (call.function == "lower") return keep(to_lower(value.as_string()));
    std::string upper(value.as_string());
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return keep(upper);
  }

  const Template::Body& body_;
  const Json& whole_;
  std::string out_;
  std::size_t steps_ = 0;
  std::deque<Json> made_;  // by functions, for the actions under way
};

}  // namespace

Result<std::string> Template::render(const Json& data) const {
  return Renderer(*body_, data).render();
}

}  // namespace signalbox::templates
