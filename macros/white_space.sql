{#- SQL text of every white-space character that published text contains, for trim and translate. -#}
{% macro white_space() -%}
    '{{ ' \u3000\u00a0\u2002\u2003\u2009\u200b\ufeff' }}' || chr(9) || chr(10) || chr(13)
{%- endmacro %}
