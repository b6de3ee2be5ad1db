{#- The one of the three funds of a budget that a text names, null if it names none or several. -#}
{% macro only_fund(expr) -%}
    {%- set general = rx_matches(expr, '一般公共预算') -%}
    {%- set government_fund = rx_matches(expr, '政府性?基金') -%}
    {%- set state_capital = rx_matches(expr, '国有资本') -%}
    case
        when {{ general }} and not {{ government_fund }} and not {{ state_capital }} then 'general'
        when {{ government_fund }} and not {{ general }} and not {{ state_capital }} then 'government_fund'
        when {{ state_capital }} and not {{ general }} and not {{ government_fund }} then 'state_capital'
    end
{%- endmacro %}
