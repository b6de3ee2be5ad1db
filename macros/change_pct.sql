{#- Change on the prior year in per cent of its absolute amount, to four decimals; null where the two may not be compared or
    the prior year is zero (the sources print "不可比"). -#}
{% macro change_pct(amount, prior, comparability) -%}
    case
        when {{ comparability }} = 'comparable' then
            cast(
                {{ round_percent(
                    '100 * cast(' ~ amount ~ ' - ' ~ prior ~ ' as double) / nullif(abs(cast(' ~ prior ~ ' as double)), 0)'
                ) }}
                as decimal(18, 4)
            )
    end
{%- endmacro %}
