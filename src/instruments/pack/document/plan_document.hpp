// A plan with all that is needed to judge and to draw it, as JSON: what `pack plan` prints, a line of what
// `pack batch` writes, what `pack verify` and `pack card` read. Lengths are millimetres, weights grams.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

struct PlanDocument {
  std::string id;  // SHA-256 of what was asked, in hexadecimal
  Order order;
  std::vector<Box> boxes;  // those that the plan uses
  Support support;
  std::string objective;
  Plan plan;  // its packages name `boxes`
};

// The plan with the boxes that it uses alone. The id is that of the order, all boxes offered, the support and
// the objective: the same question has the same id.
PlanDocument document_of(const Order& order, std::span<const Box> offered, Support support,
                         std::string_view objective, const Plan& plan);

// {"plan_id", "order": {"id", "items": […]}, "boxes": […], "support", "objective", "bound": {"boxes"},
// "proof",
//  "packages": [{"box", "weight_g", "fill", "placements": [{"sku", "item", "turn", "at": [x, y, z], "size":
//  […]}]}]}
Json to_json(const PlanDocument& document);

// Errors: bad_input with the place in the document. What it says is not judged here: check_plan does that.
Result<PlanDocument> read_plan_document(std::string_view text, std::string_view name);

// Volume of what is in a package over that of its box, 0 to 1.
double fill_of(const Package& package, const Box& box);

}  // namespace signalbox::pack
