-- The reviewed list of units and the factors of the macro must say the same.
select
    unit_printed,
    unit_name,
    factor_to_yuan,
    {{ amount_unit_factor('unit_name') }} as macro_factor
from {{ ref('amount_unit') }}
where factor_to_yuan is distinct from {{ amount_unit_factor('unit_name') }}
