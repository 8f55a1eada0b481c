#include "instruments/train/boarding/rulebook.hpp"

#include "instruments/train/gating/exception_book.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train {

std::string Rulebook::objection_to(const NamedException& named) const {
  return exception_objection({exception_policy, people, exceptions}, named);
}

Result<Rulebook> read_rulebook(const evidence::Ledger* ledger, const Policy& policy, Time now) {
  Rulebook out{policy.boarding, policy.approvals, policy.exceptions, {}};
  if (ledger == nullptr) return out;
  SIGNALBOX_TRY(ExceptionBook book,
                read_exceptions(*ledger, policy.trust, policy.exceptions, policy.approvals, now));
  if (!book.faults.empty())
    return fail(ErrorKind::conflict, book.faults.front(),
                "the store was changed from outside: signalbox evidence log audit");
  out.exceptions = std::move(book.all);
  return out;
}

}  // namespace signalbox::train
