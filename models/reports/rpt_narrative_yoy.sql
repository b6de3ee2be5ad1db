-- Grain: one row a metric that the prose of a unit, scope and phase states for a year, beside the year before.
-- Only metrics with one amount: prose that states two amounts for one metric says nothing that can be compared.
-- The year before is what its own prose states, else what this year's prose says of the change.

with stated as (
    select
        figure.*,
        -- A change on what was executed (预算执行数) is none on a budget.
        case
            when
                figure.compared_with_year = figure.fiscal_year - 1
                and not coalesce({{ rx_matches('figure.quote', '执行数') }}, false)
                then figure.delta_yuan
        end as change_on_prior_yuan
    from {{ ref('fct_narrative_figure') }} as figure
    inner join {{ ref('dim_document') }} as document
        on figure.document_id = document.document_id and document.is_current
    where figure.metric_code is not null and figure.figure_year = figure.fiscal_year
),

figure as (
    select
        figure.unit_key,
        figure.report_scope,
        figure.phase,
        figure.fiscal_year,
        figure.metric_code,
        min(figure.metric_printed) as metric_printed,
        min(figure.amount_yuan) as amount_yuan,
        case
            when count(distinct figure.change_on_prior_yuan) = 1 then min(figure.change_on_prior_yuan)
        end as delta_yuan,
        min(figure.document_id) as document_id,
        min(figure.source_locator) as source_locator
    from stated as figure
    group by figure.unit_key, figure.report_scope, figure.phase, figure.fiscal_year, figure.metric_code
    having count(distinct figure.amount_yuan) = 1
),

pair as (
    select
        figure.*,
        earlier.unit_key is not null as is_in_prior_year,
        coalesce(earlier.amount_yuan, cast(figure.amount_yuan - figure.delta_yuan as decimal(20, 2))) as prior_yuan,
        coalesce(earlier.document_id, case when figure.delta_yuan is not null then figure.document_id end)
            as prior_document_id,
        coalesce(earlier.source_locator, case when figure.delta_yuan is not null then figure.source_locator end)
            as prior_source_locator
    from figure
    left join figure as earlier
        on
            figure.unit_key = earlier.unit_key
            and figure.report_scope is not distinct from earlier.report_scope
            and figure.phase is not distinct from earlier.phase
            and figure.metric_code = earlier.metric_code
            and figure.fiscal_year = earlier.fiscal_year + 1
),

compared as (
    select
        *,
        case
            when report_scope is null then 'break'
            when prior_yuan is null then 'missing'
            when prior_yuan = 0 then 'zero_base'
            else 'comparable'
        end as comparability
    from pair
)

select
    {{ surrogate_key([
        'compared.unit_key', 'compared.report_scope', 'compared.phase', 'compared.metric_code', 'compared.fiscal_year'
    ]) }} as rpt_narrative_yoy_key,
    compared.unit_key,
    unit.unit_name,
    compared.report_scope,
    compared.phase,
    compared.metric_code,
    compared.metric_printed,
    compared.fiscal_year,
    compared.amount_yuan,
    compared.fiscal_year - 1 as prior_year,
    compared.prior_yuan as prior_amount_yuan,
    {{ change_yuan('compared.amount_yuan', 'compared.prior_yuan', 'compared.comparability') }} as change_yuan,
    {{ change_pct('compared.amount_yuan', 'compared.prior_yuan', 'compared.comparability') }} as change_pct,
    compared.comparability,
    case
        when compared.report_scope is null then 'scope_unknown'
        when compared.prior_yuan is null then 'prior_year_not_published'
        when compared.prior_yuan = 0 then 'prior_amount_zero'
    end as break_reason,
    case when compared.prior_yuan is not null then 'narrative' end as prior_source,
    compared.document_id,
    compared.source_locator,
    compared.prior_document_id,
    compared.prior_source_locator
from compared
inner join {{ ref('dim_unit') }} as unit on compared.unit_key = unit.unit_key
