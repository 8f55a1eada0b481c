// Any octets as orders and boxes, rates, rules, locks, invoices, packed parcels, experiments and investments,
// as CSV, JSON and YAML: what is read keeps its own limits.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/pack/assort/lock.hpp"
#include "instruments/pack/audit/invoice.hpp"
#include "instruments/pack/bill/rates.hpp"
#include "instruments/pack/measure/experiment.hpp"
#include "instruments/pack/measure/kpi.hpp"
#include "instruments/pack/measure/roi.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/read/thpack.hpp"

using namespace signalbox::pack;

namespace {

void hold(const Order& order) {
  if (order.items.size() > kMaxTypes) std::abort();
  for (const Item& item : order.items) {
    if (item.quantity < 1 || item.quantity > kMaxQuantity || item.turns == 0 || item.weight < 0) std::abort();
    for (const Length side : item.size)
      if (side < 1 || side > kMaxLength) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto orders = read_orders(text, "f"))
    for (const Order& order : *orders) hold(order);
  if (const auto orders = read_orders_csv(text, "f", {"order,qty,sku,l_mm,w_mm,h_mm,weight_g"}))
    for (const Order& order : *orders) hold(order);
  if (const auto boxes = read_boxes_csv(text, "f"))
    for (const Box& box : *boxes)
      for (std::size_t axis = 0; axis < 3; ++axis)
        if (box.inner[axis] < 1 || box.inner[axis] > box.outer[axis]) std::abort();
  if (const auto problems = read_thpack(text, "f", LengthUnit::cm))
    for (const LoadingProblem& problem : *problems) hold(problem.order);
  if (const auto rates = read_rates(text, "f"))
    for (const Service& service : rates->services)
      if (service.by_lb.size() > kMaxRatedPounds + 1 || service.least_from.size() != service.by_lb.size() + 1)
        std::abort();
  if (const auto rules = read_rules(text, "f"))
    for (const RulePack& pack : *rules)
      if (pack.daily_divisor < 1 || bill_of(pack, {kInch, kInch, kInch}, kPound).billed_lb < 1) std::abort();
  if (const auto lock = read_lock(text, "f")) {
    const auto again = read_lock(lock_text(*lock), "f");
    if (!again || !(*again == *lock)) std::abort();
  }
  if (const auto lines = read_invoice(text, "f"))
    for (const InvoiceLine& line : *lines)
      if (line.billed_lb < 0 || line.billed_lb > kMaxRatedPounds || line.tracking.empty()) std::abort();
  if (const auto packed = read_packed(text, "f"))
    for (const PackedParcel& parcel : *packed)
      if (parcel.order.empty() || parcel.box.empty()) std::abort();
  if (const auto observations = read_observations(text, "f"))
    if (const auto effect = effect_of(*observations, 0.95))
      if (!std::isfinite(effect->difference) || !std::isfinite(effect->standard_error)) std::abort();
  if (const auto investments = read_investments(text, "f"))
    for (const Investment& each : *investments) {
      const Return it = return_of(each);
      if (!(it.freight.low <= it.freight.high) || !(it.net.low <= it.net.high)) std::abort();
    }
  return 0;
}
