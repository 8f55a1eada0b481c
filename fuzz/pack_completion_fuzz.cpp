// Any octets as what a station tells of a package: what is read keeps its limits, and its JSON is read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/pack/station/completion.hpp"

using namespace signalbox;
using namespace signalbox::pack;

namespace {

PlanDocument plan() {
  PlanDocument out;
  out.id = "plan";
  out.order.id = "7";
  Item item;
  item.sku = "A";
  item.quantity = 3;
  item.size = {kInch, kInch, kInch};
  item.weight = kPound;
  out.order.items = {item};
  Box box;
  box.sku = "M";
  box.inner = box.outer = {4 * kInch, 4 * kInch, 4 * kInch};
  out.boxes = {box};
  Package package;
  for (int i = 0; i < 3; ++i) package.placements.push_back({0, 0, {i * kInch, 0, 0}, item.size});
  out.plan.packages = {package};
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PlanDocument document = plan();
  const auto completion = read_completion({reinterpret_cast<const char*>(data), size}, document,
                                          Time(std::chrono::hours(24 * 20'000)), "f");
  if (!completion) return 0;
  if (completion->package != 0 || completion->left_out.size() > 2 || completion->weight < 1 ||
      completion->weight > kMaxMass || completion->took > kMaxTook || completion->key.size() > kMaxKey ||
      (completion->box == "M") != completion->reason.empty())
    std::abort();
  if (!parse_json(to_json(*completion).dump())) std::abort();
  return 0;
}
