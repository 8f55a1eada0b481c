// Text from a template and values: a subset of Go's text/template that can do nothing but write text. No
// files, no environment, no loops but over what is given; everything is bounded.
//
// {{.a.b}} {{$.a}} {{.}} {{"text"}} {{7}}   a member, one of the whole, the value itself, literals
// {{.a | upper}} {{len .a}}                 functions: eq ne and or not len upper lower trim
// {{if P}} {{else if P}} {{else}} {{end}}   false, 0, "", null, [] and {} are false
// {{range P}} {{else}} {{end}}              over a list; . is each
// {{with P}} {{else}} {{end}}               . is the value, where it is true
// {{- and -}}                               take the white space beside them away
// {{/* words */}}                           nothing
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::templates {

inline constexpr std::size_t kMaxTemplateBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxOutputBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxDepth = 32;  // of actions inside of actions
inline constexpr std::size_t kMaxSteps =
    10'000'000;  // actions carried out, and octets of text in units of 64

class Template {
 public:
  struct Body;

  // `name` is what messages call the template. bad_input with name:line:column.
  static Result<Template> parse(std::string_view text, std::string name);
  // bad_input with name:line:column where a member is not there (no typo is silence), a value is not of the
  // kind that an action needs, or there would be too much.
  Result<std::string> render(const Json& data) const;

 private:
  explicit Template(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  std::shared_ptr<const Body> body_;
};

}  // namespace signalbox::templates
