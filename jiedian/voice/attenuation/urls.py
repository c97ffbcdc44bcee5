from django.urls import path

from .views import attenuation, burden

urlpatterns = [
    path("attenuation/", attenuation.attenuation, name="attenuation"),
    path("attenuation/send/", attenuation.attenuation_send, name="attenuation_send"),
    path("attenuation/sample/", attenuation.attenuation_sample, name="attenuation_sample"),
    path("attenuation/recode/", attenuation.recoding, name="recoding"),
    path("attenuation/import/", attenuation.attenuation_import, name="attenuation_import"),
    path("burden/", burden.burden_page, name="burden"),
]
