#include "instruments/profile/draw/web_sources.hpp"

#include <cstddef>
#include <initializer_list>

#include "core/base/text.hpp"

#define SIGNALBOX_EMBEDDED(symbol)            \
  extern "C" const char signalbox_##symbol[]; \
  extern "C" const char signalbox_##symbol##_end[]

SIGNALBOX_EMBEDDED(flame_css);
SIGNALBOX_EMBEDDED(flame_data_js);
SIGNALBOX_EMBEDDED(flame_tree_js);
SIGNALBOX_EMBEDDED(flame_text_js);
SIGNALBOX_EMBEDDED(flame_view_js);
SIGNALBOX_EMBEDDED(flame_app_js);
SIGNALBOX_EMBEDDED(flame_svg_js);
SIGNALBOX_EMBEDDED(flame_time_js);
SIGNALBOX_EMBEDDED(flame_editor_js);
SIGNALBOX_EMBEDDED(flame_page_js);
SIGNALBOX_EMBEDDED(flame_start_js);

#undef SIGNALBOX_EMBEDDED

namespace signalbox::profile {

namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// What both kinds of file begin with. In our modules an import or an export is a line of its own, and no two
// of them have a name in common.
std::string joined_with(std::initializer_list<std::string_view> last) {
  std::string out = "'use strict';\n(() => {\n";
  const auto add = [&](std::string_view module) {
    for (const std::string_view line : lines(module)) {
      if (line.starts_with("import ") || line.starts_with("export ") || line.starts_with("//")) continue;
      out.append(line).append("\n");
    }
  };
  add(between(signalbox_flame_data_js, signalbox_flame_data_js_end));
  add(between(signalbox_flame_tree_js, signalbox_flame_tree_js_end));
  add(between(signalbox_flame_text_js, signalbox_flame_text_js_end));
  add(between(signalbox_flame_view_js, signalbox_flame_view_js_end));
  add(between(signalbox_flame_app_js, signalbox_flame_app_js_end));
  for (const std::string_view module : last) add(module);
  return out + "})();\n";
}

}  // namespace

std::string_view flame_css() {
  return between(signalbox_flame_css, signalbox_flame_css_end);
}

std::string svg_script() {
  return joined_with({between(signalbox_flame_svg_js, signalbox_flame_svg_js_end)});
}

std::string page_script() {
  return joined_with({between(signalbox_flame_time_js, signalbox_flame_time_js_end),
                      between(signalbox_flame_editor_js, signalbox_flame_editor_js_end),
                      between(signalbox_flame_page_js, signalbox_flame_page_js_end),
                      between(signalbox_flame_start_js, signalbox_flame_start_js_end)});
}

}  // namespace signalbox::profile
