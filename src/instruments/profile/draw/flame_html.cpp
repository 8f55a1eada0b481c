#include "instruments/profile/draw/flame_html.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/report/escape.hpp"
#include "instruments/profile/draw/flame_data.hpp"
#include "instruments/profile/draw/shown_name.hpp"
#include "instruments/profile/draw/web_sources.hpp"

namespace signalbox::profile {

namespace {

// CSP level 3, section 2.3.1: what an inline element must hash to.
std::string source_hash(std::string_view text) {
  return fmt::format("'sha256-{}'", to_base64(as_octets(sha256(text))));
}

}  // namespace

FlameOptions page_options(FlameOptions options) {
  options.prune_share = std::min(options.prune_share, kPagePruneShare);
  options.moments = FlameMoments::kept;
  return options;
}

std::string render_flame_html(const FlameTree& tree, const FlameStyle& style) {
  const std::string script = page_script();
  const std::string styles(flame_css());
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; style-src "
      "{}; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>",
      source_hash(script), source_hash(styles), report::escape_markup(title_of(tree, style)));
  out.append(styles).append("</style>\n</head>\n<body class=\"page\">\n");
  out +=
      "<noscript><p>This page draws with scripts. The SVG of the same profile is a picture "
      "without.</p></noscript>\n";
  out.append("<main id=\"profile\"></main>\n<script type=\"application/json\" id=\"flame-data\">");
  out.append(flame_data_json(tree, style)).append("</script>\n<script>").append(script);
  out.append("</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace signalbox::profile
