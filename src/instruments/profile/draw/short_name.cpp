#include <algorithm>
#include <array>

#include "core/base/encoding.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

namespace {

constexpr std::size_t kShortArguments = 12;  // octets of template arguments that are read at a glance
constexpr int kDepthMax = 4;                 // of paths of Rust in one another
constexpr std::string_view kAnonymous = "(anonymous namespace)";

bool is_word(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
         octet == '_' || octet == '$' || static_cast<unsigned char>(octet) >= 0x80;
}

bool ends_with_word(std::string_view text, std::string_view word) {
  return text.ends_with(word) &&
         (text.size() == word.size() || !is_word(text[text.size() - word.size() - 1]));
}

// Where the bracket that opens at `open` closes; npos where it does not. "->" and the names of operators
// close nothing.
std::size_t closing(std::string_view name, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < name.size(); ++i) {
    const char octet = name[i];
    if ((octet == '<' || octet == '>') && i != open && ends_with_word(name.substr(0, i), "operator")) {
      while (i + 1 < name.size() && (name[i + 1] == octet || name[i + 1] == '=')) ++i;
      continue;
    }
    if (octet == '>' && i > 0 && (name[i - 1] == '-' || name[i - 1] == '=')) continue;
    if (octet == '(' || octet == '<' || octet == '[' || octet == '{') ++depth;
    if ((octet == ')' || octet == '>' || octet == ']' || octet == '}') && --depth == 0) return i;
  }
  return std::string_view::npos;
}

// The symbols of an operator after the word, with what stands before a list of arguments: "operator()",
// "operator<<".
std::size_t operator_end(std::string_view name, std::size_t at) {
  if (name.substr(at).starts_with("()") || name.substr(at).starts_with("[]")) return at + 2;
  while (at < name.size() && std::string_view("<>=!+-*/%&|^~,").find(name[at]) != std::string_view::npos)
    ++at;
  return at;
}

std::string without_marks(std::string_view name) {
  std::string out(name);
  for (const std::string_view mark : {"[abi:", " [clone ", "[clone "}) {
    for (std::size_t at = out.find(mark); at != std::string::npos; at = out.find(mark)) {
      const std::size_t end = out.find(']', at);
      if (end == std::string::npos) break;
      out.erase(at, end + 1 - at);
    }
  }
  constexpr std::size_t kHash = 16;
  if (out.size() > kHash + 3 && out.compare(out.size() - kHash - 3, 3, "::h") == 0 &&
      is_lower_hex(std::string_view(out).substr(out.size() - kHash)))
    out.resize(out.size() - kHash - 3);
  return out;
}

std::size_t find_operator(std::string_view name) {
  constexpr std::string_view kWord = "operator";
  std::size_t at = name.find(kWord);
  while (at != std::string_view::npos) {
    const std::size_t end = at + kWord.size();
    if ((at == 0 || !is_word(name[at - 1])) && (end == name.size() || !is_word(name[end]))) return at;
    at = name.find(kWord, end);
  }
  return at;
}

// Where the name begins in the text before a list of arguments: behind the type that is returned.
std::size_t end_of_returned_type(std::string_view before) {
  int depth = 0;
  const std::size_t operator_at = find_operator(before);  // what follows may have spaces of its own
  for (std::size_t i = std::min(before.size(), operator_at); i-- > 0;) {
    const char octet = before[i];
    if (octet == ')' || octet == '>' || octet == ']' || octet == '}') ++depth;
    if (octet == '(' || octet == '<' || octet == '[' || octet == '{') --depth;
    if (depth < 0) return 0;
    if (octet == ' ' && depth == 0) return i + 1;
  }
  return 0;
}

bool has_foreign_form(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kPrefixes{
      "LazyCompile:", "Function:", "Script:", "Eval:", "Builtin:", "RegExp:"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         name.find("(*") != std::string_view::npos || name.starts_with('[');
}

class Shortener {
 public:
  explicit Shortener(std::string_view name, int depth = 0) : name_(name), depth_(depth) {}

  std::string run() {
    while (at_ < name_.size()) {
      if (!step()) return std::string(name_);
    }
    return std::move(out_);
  }

 private:
  // Takes the next piece; no where the name is of no form known here.
  bool step() {
    if (name_.substr(at_).starts_with(kAnonymous)) {
      out_ += "(anon)";
      at_ += kAnonymous.size();
      return true;
    }
    const char octet = name_[at_];
    if ((octet == '<' || octet == '(' || octet == '[') && ends_with_word(out_, "operator")) {
      const std::size_t end = operator_end(name_, at_);
      out_ += name_.substr(at_, end - at_);
      at_ = end;
      return true;
    }
    if (octet == '<') return arguments_of_template();
    if (octet == '(') return arguments_of_function();
    out_ += octet;
    ++at_;
    return true;
  }

  bool arguments_of_template() {
    const std::size_t end = closing(name_, at_);
    if (end == std::string_view::npos) return false;
    const std::string_view inside = name_.substr(at_ + 1, end - at_ - 1);
    const bool is_path =
        out_.empty() && depth_ < kDepthMax && inside.find(" as ") != std::string_view::npos;  // of Rust
    if (is_path || inside.size() <= kShortArguments)
      out_.append("<")
          .append(is_path ? Shortener(inside, depth_ + 1).run() : std::string(inside))
          .append(">");
    else
      out_ += "<…>";
    at_ = end + 1;
    return true;
  }

  bool arguments_of_function() {
    if (out_.empty() || out_.back() == ' ' || out_.back() == '.') return false;
    const std::size_t end = closing(name_, at_);
    if (end == std::string_view::npos) return false;
    if (out_.find('{') == std::string::npos || out_.rfind('}') != std::string::npos)
      out_.erase(0, end_of_returned_type(out_));
    at_ = end + 1;
    const std::string_view rest = name_.substr(at_);
    if (rest.starts_with("::") || rest.starts_with("#") || rest.starts_with("}") || rest.starts_with("'"))
      return true;
    at_ = name_.size();  // " const", " &&" and the like
    return true;
  }

  std::string_view name_;
  int depth_;
  std::string out_;
  std::size_t at_ = 0;
};

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0U) != 0x80U;
  }));
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

std::string_view last_characters(std::string_view text, std::size_t count) {
  return text.substr(first_characters(text, count_characters(text) - count).size());
}

// Where the name goes on behind its first qualifier, "std::" of "std::map<a::b>::find"; npos without one.
std::size_t after_qualifier(std::string_view name) {
  int depth = 0;
  for (std::size_t i = 0; i + 2 < name.size(); ++i) {
    if (name[i] == '<' || name[i] == '(' || name[i] == '{') ++depth;
    if (name[i] == '>' || name[i] == ')' || name[i] == '}') --depth;
    if (depth == 0 && name[i] == ':' && name[i + 1] == ':') return i + 2;
  }
  return std::string_view::npos;
}

}  // namespace

std::string short_name(std::string_view name) {
  const std::string marked = without_marks(name);
  if (has_foreign_form(marked)) return marked;
  return Shortener(marked).run();
}

std::string fitted_name(std::string_view name, std::size_t characters) {
  constexpr std::size_t kLeast = 5;           // characters of a name that is cut
  constexpr std::size_t kQualifierLeast = 8;  // characters, with the colons and what shows that it was cut
  if (count_characters(name) <= characters) return std::string(name);
  if (characters < kLeast) return {};
  std::string_view qualified = name;
  for (std::size_t next = after_qualifier(name); next != std::string_view::npos;
       next = after_qualifier(name)) {
    qualified = name;
    name = name.substr(next);
    const std::size_t size = count_characters(name);
    if (size > characters) continue;
    // Of the last qualifier its end, where that says something.
    if (after_qualifier(name) != std::string_view::npos || characters < size + kQualifierLeast)
      return std::string(name);
    return "…" + std::string(last_characters(qualified, characters - 1));
  }
  return std::string(first_characters(name, characters - 1)) + "…";
}

}  // namespace signalbox::profile
