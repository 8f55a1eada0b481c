// Kept profiles as pictures draw them: a tree, when samples were taken, what differs between two.
#include "core/http/query.hpp"
#include "instruments/profile/analysis/filter.hpp"
#include "instruments/profile/analysis/heat_map.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/difference.hpp"
#include "instruments/profile/draw/flame_data.hpp"
#include "instruments/profile/draw/flame_html.hpp"
#include "instruments/profile/draw/node_limit.hpp"
#include "instruments/profile/draw/tree_json.hpp"
#include "instruments/profile/kept_desk.hpp"

namespace signalbox::profile {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

constexpr std::size_t kNodes = 20'000;
constexpr std::size_t kMaxNodes = 200'000;
constexpr std::size_t kRows = 50;
constexpr std::size_t kDifferenceRows = 30;
constexpr std::size_t kMaxColumnMs = 3'600'000;

Status read_pattern(const Request& request, std::string_view name, std::optional<NamePattern>& out) {
  const auto text = query_text(request, name);
  if (!text) return {};
  auto pattern = NamePattern::compile(*text);
  if (!pattern) return fail_in(name, std::move(pattern).error());
  out = std::move(*pattern);
  return {};
}

// nullopt: all of it is asked for.
Result<std::optional<Filter>> filter_of(const Request& request, const Profile& profile) {
  Filter out;
  SIGNALBOX_CHECK(read_pattern(request, "focus", out.focus));
  SIGNALBOX_CHECK(read_pattern(request, "ignore", out.ignore));
  SIGNALBOX_CHECK(read_pattern(request, "hide", out.hide));
  if (const auto text = query_text(request, "slice")) {
    SIGNALBOX_TRY(out.slice, parse_time_slice(*text));
    if (!has_times(profile))
      return fail(ErrorKind::bad_input, "slice: the samples of this profile have no times",
                  "signalbox profile --keep keeps them");
  }
  if (!out.focus && !out.ignore && !out.hide && !out.slice) return std::optional<Filter>();
  return std::optional<Filter>(std::move(out));
}

struct Form {
  bool is_picture = false;  // what the console draws from, else JSON for people and other programs
  std::size_t nodes = kNodes;
};

Result<Form> form_of(const Request& request) {
  Form out;
  SIGNALBOX_TRY(out.nodes, query_count(request, "maxNodes", kNodes, kMaxNodes));
  SIGNALBOX_TRY(const std::string_view form, query_word(request, "form", {"tree", "picture"}));
  out.is_picture = form == "picture";
  return out;
}

Response drawn(FlameTree tree, const Form& form) {
  tree = limited(std::move(tree), form.nodes);
  Response out;
  out.body = form.is_picture ? flame_data_json(tree, {}) : tree_json(tree).dump();
  return out;
}

FlameOptions fine() {
  FlameOptions out;
  out.prune_share = 0;  // `limited` leaves out what does not fit
  return out;
}

Result<Response> flame(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const Form form, form_of(request));
  SIGNALBOX_TRY(const std::string_view direction,
                query_word(request, "direction", {"root_first", "leaf_first"}));
  SIGNALBOX_TRY(const std::string_view moments, query_word(request, "moments", {"none", "kept"}));
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(request.parameters.at("id")));
  SIGNALBOX_TRY(const std::optional<Filter> filter, filter_of(request, *opened.profile));
  FlameOptions options = fine();
  SIGNALBOX_TRY(options.value, value_column(*opened.profile, query_text(request, "value")));
  if (direction == "leaf_first") options.direction = FlameDirection::leaf_first;
  if (moments == "kept") {
    if (!form.is_picture || options.direction == FlameDirection::leaf_first)
      return fail(ErrorKind::bad_input, "moments: are told in pictures with the root first");
    options.moments = FlameMoments::kept;
  }
  if (!filter) return drawn(make_flame_tree(*opened.profile, options), form);
  return drawn(make_flame_tree(filtered(*opened.profile, *filter), options), form);
}

Result<Response> heat(KeptDesk& desk, const Request& request) {
  HeatMapOptions options;
  SIGNALBOX_TRY(options.rows, query_count(request, "rows", kRows, kHeatRowsMax));
  SIGNALBOX_TRY(const std::size_t column_ms, query_count(request, "column", kMaxColumnMs, kMaxColumnMs));
  constexpr std::int64_t kNanosecondsInMillisecond = 1'000'000;
  if (query_text(request, "column"))
    options.column_ns = static_cast<std::int64_t>(column_ms) * kNanosecondsInMillisecond;
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(request.parameters.at("id")));
  const HeatMap map = heat_map(*opened.profile, options);
  Json counts = Json::array();
  for (const std::int64_t count : map.counts) counts.push_back(count);
  return Response::json(Json::object({{"has_times", map.columns > 0},
                                      {"column_ns", map.column_ns},
                                      {"columns", static_cast<std::uint64_t>(map.columns)},
                                      {"rows", static_cast<std::uint64_t>(map.rows)},
                                      {"most", map.most},
                                      {"samples", map.samples},
                                      {"untimed", map.untimed},
                                      {"counts", std::move(counts)}}));
}

// Two profiles, and how they are compared.
struct Pair {
  KeptDesk::Opened base;
  KeptDesk::Opened fresh;
  CompareOptions options;

  NamedProfile named_base() const { return {base.kept.id.substr(0, 12), base.profile.get()}; }
  NamedProfile named_fresh() const { return {fresh.kept.id.substr(0, 12), fresh.profile.get()}; }
};

Result<Pair> pair_of(KeptDesk& desk, const Request& request) {
  const auto base = query_text(request, "base");
  const auto fresh = query_text(request, "new");
  if (!base || !fresh) return fail(ErrorKind::bad_input, "base and new: two profiles are compared");
  Pair out;
  SIGNALBOX_TRY(out.base, desk.open(*base));
  SIGNALBOX_TRY(out.fresh, desk.open(*fresh));
  const auto wanted = query_text(request, "normalize");
  SIGNALBOX_TRY(out.options, compare_options(wanted ? std::optional<std::string_view>(*wanted) : std::nullopt,
                                             *out.base.profile, *out.fresh.profile, {}));
  out.options.value = query_text(request, "value");
  return out;
}

Result<Response> difference(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const Pair pair, pair_of(desk, request));
  SIGNALBOX_TRY(const Difference found, compare(pair.named_base(), pair.named_fresh(), pair.options));
  return Response::json(to_json(difference_report(found, kDifferenceRows)));
}

Result<Response> difference_picture(KeptDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const Form form, form_of(request));
  SIGNALBOX_TRY(const Pair pair, pair_of(desk, request));
  SIGNALBOX_TRY(const SharedValue value,
                shared_value(pair.named_base(), pair.named_fresh(), pair.options.value));
  if (pair.options.normalization != Normalization::samples)
    SIGNALBOX_CHECK(same_rate(pair.named_base(), pair.named_fresh(), value.type));
  FlameDifferenceOptions options = flame_difference_options(pair.options, *pair.fresh.profile, value.type);
  options.flame.prune_share = 0;
  return drawn(make_flame_difference(*pair.base.profile, *pair.fresh.profile, options), form);
}

std::vector<http::Parameter> with_form(std::vector<http::Parameter> parameters) {
  parameters.push_back(query_parameter("maxNodes", "20,000, at most 200,000", "integer"));
  parameters.push_back(query_parameter("form", "tree (JSON to read) or picture (what the console draws)"));
  return parameters;
}

std::vector<http::Parameter> of_two() {
  return {query_parameter("base", "id of the profile before"), query_parameter("new", "of the one after"),
          query_parameter("normalize", "work, samples or none"), query_parameter("value", "cpu, samples …")};
}

}  // namespace

std::vector<http::Route> picture_routes(const std::shared_ptr<KeptDesk>& desk) {
  std::vector<http::Route> out;
  out.push_back(get_route(
      "/profiles/{id}/flame", "Its stacks as a tree of functions, the smallest left out",
      with_form(
          {id_parameter(), query_parameter("value", "cpu, samples …"),
           query_parameter("focus", "stacks in which a function matches this expression"),
           query_parameter("ignore", "stacks in which none matches it"),
           query_parameter("hide", "without the functions that match it"),
           query_parameter("slice", "a part of the time: 3.2s-4s"),
           query_parameter("direction", "root_first or leaf_first"),
           query_parameter("moments", "none, or kept: with each sample's time and thread, in a picture")}),
      [desk](const Request& request) { return flame(*desk, request); }));
  out.push_back(get_route("/profiles/{id}/heatmap", "When its samples were taken",
                          {id_parameter(), query_parameter("column", "milliseconds of a column", "integer"),
                           query_parameter("rows", "of a column: 50, at most 100", "integer")},
                          [desk](const Request& request) { return heat(*desk, request); }));
  out.push_back(get_route("/diff", "What differs between two profiles, by function", of_two(),
                          [desk](const Request& request) { return difference(*desk, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(get_route("/diff/flame", "What differs between two profiles, as a tree", with_form(of_two()),
                          [desk](const Request& request) { return difference_picture(*desk, request); }));
  return out;
}

}  // namespace signalbox::profile
