-- Grain: one row a unit, scope, phase, year and metric, beside the units of its sector.
-- Two comparisons: with every unit of the sector that published the figure for the year, and with the fixed panel of
-- those that published it for this year and the year before; a mean over whoever published moves with who published.

with metric as (
    select
        unit_key,
        sector,
        report_scope,
        phase,
        fiscal_year,
        case measure_key when 'total' then 'total_expenditure' else measure_key end as metric_code,
        max(amount_yuan) as amount_yuan
    from {{ ref('rpt_budget_line') }}
    where
        form_code in ('B_EXPEND', 'F_EXPEND')
        and class_key = 'total'
        and measure_key in ('total', 'basic', 'project')
    group by unit_key, sector, report_scope, phase, fiscal_year, measure_key
    union all
    select
        unit_key,
        sector,
        report_scope,
        phase,
        fiscal_year,
        case item_code when 'total' then 'three_public' else 'three_public_' || item_code end as metric_code,
        max(amount_yuan) as amount_yuan
    from {{ ref('rpt_three_public') }}
    where item_code in ('total', 'overseas', 'vehicle', 'reception') and fund_code in ('total', 'general')
    group by unit_key, sector, report_scope, phase, fiscal_year, item_code
),

known as (
    select *
    from metric
    where amount_yuan is not null and sector is not null and report_scope is not null
),

paneled as (
    select
        known.*,
        earlier.amount_yuan as prior_amount_yuan,
        earlier.unit_key is not null as is_in_panel
    from known
    left join known as earlier
        on
            known.unit_key = earlier.unit_key
            and known.report_scope = earlier.report_scope
            and known.phase = earlier.phase
            and known.metric_code = earlier.metric_code
            and known.fiscal_year = earlier.fiscal_year + 1
),

peer as (
    select
        sector,
        report_scope,
        phase,
        fiscal_year,
        metric_code,
        cast(median(amount_yuan) as decimal(20, 2)) as peer_median_yuan,
        cast(sum(case when is_in_panel then amount_yuan end) as decimal(20, 2)) as panel_yuan,
        cast(sum(case when is_in_panel then prior_amount_yuan end) as decimal(20, 2)) as panel_prior_yuan,
        count(*) as peer_count,
        sum(case when is_in_panel then 1 else 0 end) as panel_count
    from paneled
    group by sector, report_scope, phase, fiscal_year, metric_code
)

select
    {{ surrogate_key([
        'paneled.unit_key', 'paneled.report_scope', 'paneled.phase', 'paneled.fiscal_year', 'paneled.metric_code'
    ]) }} as rpt_peer_key,
    paneled.sector,
    paneled.unit_key,
    unit.unit_name,
    unit.region_code,
    paneled.report_scope,
    paneled.phase,
    paneled.fiscal_year,
    paneled.metric_code,
    paneled.amount_yuan,
    cast(
        rank() over (
            partition by
                paneled.sector, paneled.report_scope, paneled.phase, paneled.fiscal_year, paneled.metric_code
            order by paneled.amount_yuan desc nulls last
        ) as integer
    ) as peer_rank,
    cast(peer.peer_count as integer) as peer_count,
    peer.peer_median_yuan,
    paneled.is_in_panel,
    cast(peer.panel_count as integer) as panel_count,
    case when paneled.is_in_panel then paneled.fiscal_year - 1 end as prior_year,
    paneled.prior_amount_yuan,
    peer.panel_yuan,
    peer.panel_prior_yuan,
    {{ change_pct(
        'peer.panel_yuan', 'peer.panel_prior_yuan', "case when peer.panel_prior_yuan <> 0 then 'comparable' end"
    ) }} as panel_change_pct
from paneled
inner join peer
    on
        paneled.sector = peer.sector
        and paneled.report_scope = peer.report_scope
        and paneled.phase = peer.phase
        and paneled.fiscal_year = peer.fiscal_year
        and paneled.metric_code = peer.metric_code
inner join {{ ref('dim_unit') }} as unit on paneled.unit_key = unit.unit_key
