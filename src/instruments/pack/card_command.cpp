#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/draw/card.hpp"
#include "instruments/pack/draw/picture.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

// The plan of that order; without an order the file's only one, or its first.
Result<PlanDocument> find_plan(const std::string& text, const std::string& file,
                               const std::optional<std::string>& order) {
  const auto all = lines(text);
  if (all.size() <= 1 || !all[0].ends_with('}')) return read_plan_document(text, file);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (trim(all[i]).empty()) continue;
    if (order && all[i].find(*order) == std::string_view::npos) continue;
    SIGNALBOX_TRY(PlanDocument document, read_plan_document(all[i], fmt::format("{}:{}", file, i + 1)));
    if (!order || document.order.id == *order) return document;
  }
  return fail(ErrorKind::not_found,
              fmt::format("{}: no plan of an order '{}'", file, printable(order.value_or(""))));
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const PlanDocument document, find_plan(text, file, arguments.get("--order")));
  if (document.plan.packages.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}: there is no package in it", file));
  if (arguments.get_or("--format", "html") == "html")
    return cli::Outcome(cli::Artifact{card_html(document), Verdict::none});
  SIGNALBOX_TRY(
      const std::int64_t number,
      number_of(arguments, "--package", 1, static_cast<std::int64_t>(document.plan.packages.size()), 1));
  const Package& package = document.plan.packages[static_cast<std::size_t>(number) - 1];
  return cli::Outcome(cli::Artifact{
      picture_svg(document.order, document.boxes[package.box], package, {package.placements.size(), 0, 640}),
      Verdict::none});
}

}  // namespace

cli::Command card_command() {
  cli::Command out;
  out.name = "card";
  out.summary = "Draw how an order is packed, step by step";
  out.details = "html: a page that prints, a picture for each step; svg: one picture of a package.";
  out.positionals = {{"PLAN", "a plan as JSON, or one a line; - is standard input"}};
  out.options = {{"--order", "ID", "which, where there are several; the first without", {}, false},
                 {"--package", "N", "which package the svg shows: 1", {}, false}};
  out.formats = {"html", "svg"};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
