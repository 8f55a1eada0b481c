// Where a carrier's invoice and our own bills differ, and why.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "instruments/pack/audit/invoice.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

enum class Reason {
  agrees,
  unknown,     // no plan has that parcel
  duplicate,   // the parcel, or the tracking number, stands on the invoice a second time
  arithmetic,  // by the carrier's own measures its rule gives other pounds
  dimensions,  // the carrier measured other sides than the box has
  weight,      // the carrier weighed more or less than box and contents
  rule,        // other pounds of the same parcel, as another day's rule or another account gives them
  surcharge,   // one that is not due, or one that is due and is not asked
  price,       // the same pounds and surcharges, another amount
  pounds,      // other pounds, and nothing that is known explains them
};
std::string_view name_of(Reason reason);

// One line of the invoice and what is due.
struct AuditedLine {
  InvoiceLine line;
  Reason reason = Reason::agrees;
  std::string why;              // in words, with the figures
  std::size_t plan = SIZE_MAX;  // index, SIZE_MAX: unknown
  std::size_t package = 0;
  Bill due;
  std::string source;        // of the rule
  std::int64_t over_lb = 0;  // asked less due; a duplicate is over in full
  bool has_surcharge_not_due = false;
  std::optional<Money> due_amount;
  std::optional<Money> over_amount;
};

struct Audit {
  std::vector<AuditedLine> lines;
  std::vector<std::pair<std::size_t, std::size_t>> not_billed;  // (plan, package) that no line names
  std::size_t claims() const;                                   // lines on which too much is asked
};

// The rules that can have been meant.
struct AuditRules {
  std::vector<RulePack> all;
  std::string carrier;
  Day day;                              // of a line that names none
  std::optional<std::int64_t> divisor;  // that was agreed
  Account account = Account::daily;
  const RateTable* rates = nullptr;  // null: amounts are not judged
};

// A line that names no package is of the package of its order that is not yet billed and whose pounds are
// nearest. Errors: unavailable where no rule of the carrier holds on a line's day.
Result<Audit> audit_invoice(std::span<const InvoiceLine> lines, std::span<const PlanDocument> plans,
                            const AuditRules& rules);

// Is more asked than due?
bool is_claim(const AuditedLine& line);

// CSV of the lines that are claims: tracking, order, package, reason, pounds and amounts asked and due, and
// the evidence: box, its sides, weight, rule, source, why.
std::string claims_csv(const Audit& audit, std::span<const PlanDocument> plans);

}  // namespace signalbox::pack
